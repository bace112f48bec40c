"""The LiveKit server of a run: one that is already there, or one built once and started on loopback."""
