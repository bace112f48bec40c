"""The release gate: drives real calls against a voice agent, records them, judges the recording, reports."""
