"""The gate against broken agents: each must fail its criteria, and no other."""
