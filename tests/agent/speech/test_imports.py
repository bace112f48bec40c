"""What a call's process loads."""

import subprocess
import sys


def test_a_call_loads_no_model_library() -> None:
    """The adapters and their client come without the libraries that hold weights: those are the host's."""
    program = "import sys, voicegate_agent.speech; print(*sys.modules)"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert loaded.isdisjoint({"ctranslate2", "faster_whisper", "piper", "tokenizers"})
