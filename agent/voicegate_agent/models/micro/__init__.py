"""The micro model: a small Whisper-shaped speech recognizer, and the recipe that makes it."""
