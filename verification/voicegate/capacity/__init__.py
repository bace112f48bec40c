"""Capacity: the largest number of talking calls at which the thresholds of a load run hold, and what keeps it from more."""
