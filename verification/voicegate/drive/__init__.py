"""Driving: the LiveKit server, the agent and the callers of a run."""
