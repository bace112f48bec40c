"""The micro model: a small Whisper-shaped speech recognizer; agent/recipes/micro in the repository makes it."""
