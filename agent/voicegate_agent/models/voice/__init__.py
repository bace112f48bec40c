"""The project's own Piper-format voice: `voice.onnx`, `voice.onnx.json` and the recipe that made them."""
