"""A first gate file for an agent that somebody has: the agent is looked at, asked about, and written down."""
