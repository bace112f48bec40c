"""Load: the processes that callers live in while Locust drives them, and the run around it all."""
