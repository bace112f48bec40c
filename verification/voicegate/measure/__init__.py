"""What recorded facts say: phases, calls, turns, levels and stalls, each made in one place by the limits; judges nothing."""
