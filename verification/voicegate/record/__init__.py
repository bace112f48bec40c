"""The recording: everything a run observed, and the code that observes it."""
