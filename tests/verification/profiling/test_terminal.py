"""The profile on the terminal."""

import io

from fakes.profiles import HOST_PID, LEAKING, made_capture, profiled_recording
from fakes.recordings import MB
from rich.console import Console
from voicegate.profiling.capture import Capture, Place, Unreadable
from voicegate.profiling.roles import make_profile
from voicegate.profiling.terminal import show


def test_the_table_places_and_problems_are_shown() -> None:
    """The headline comes last, as that is where the eye ends."""
    captures: list[Capture | Unreadable] = [
        made_capture("model-host", HOST_PID, lambda _: 60 * MB, grown=(Place((LEAKING,), 24 * MB, 12),)),
        Unreadable("job-7.bin", "job", 7, "not a capture"),
    ]
    screen = io.StringIO()
    show(Console(file=screen, width=120), make_profile(profiled_recording(), captures))
    lines = screen.getvalue().splitlines()
    assert lines[1].split()[:4] == ["model-host", "1", "of", "1"]
    assert "model-host, each further call adds:" in lines
    assert "     8.0 MB  remember agent/speech/local_stt.py:42" in lines
    assert "job-7.bin: not a capture" in lines
    assert lines[-1].startswith("PROFILE, no verdict: model-host grows by")
