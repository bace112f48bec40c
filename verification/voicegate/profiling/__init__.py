"""A run under a memory profiler: which places of the agent's program hold memory, by role, and what each call adds."""
