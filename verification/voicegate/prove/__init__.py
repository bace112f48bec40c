"""The gate against agents that are each broken in one way: each must fail its criteria, and no other."""
