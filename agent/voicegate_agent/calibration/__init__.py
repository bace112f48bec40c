"""How little of Whisper's 30 s a model may be given: measured on clips, and kept beside the model."""
