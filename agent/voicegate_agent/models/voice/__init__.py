"""The project's own Piper-format voice: `voice.onnx`, `voice.onnx.json`; agent/recipes/voice in the repository makes it."""
