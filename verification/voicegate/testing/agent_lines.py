"""Log lines of agents that never ran, in the words of the reference agent: about their models and their memory."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from voicegate.record.events import LogLine

MB = 1_000_000
ASR_ID, TTS_ID = 138543555947184, 138545228058784
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Lines = Callable[[float, str, bool], Iterable[LogLine]]
"""Log lines of a call, from its time, its room, and whether it is the first."""


def shared_models(t: float, room: str, first: bool) -> Iterable[LogLine]:
    """Write the lines of an agent that loads once and reuses."""
    if first:
        yield LogLine(t, "🔧 Initializing shared ASR model (first session)...", pid=20)
        yield LogLine(t + 0.1, f"✅ Shared ASR model initialized (ID: {ASR_ID})", pid=20)
        yield LogLine(t + 0.2, "🔧 Initializing shared TTS engine (first session)...", pid=20)
        yield LogLine(t + 0.3, f"✅ Shared TTS engine initialized (ID: {TTS_ID})", pid=20)
    else:
        yield LogLine(t, f"♻️  Reusing existing shared ASR model (ID: {ASR_ID})", room=room)
        yield LogLine(t, f"♻️  Reusing existing shared TTS engine (ID: {TTS_ID})", room=room)
    yield LogLine(t + 0.4, "✅ Local STT initialized with shared model", room=room)


def models_per_call(t: float, room: str, _first: bool) -> Iterable[LogLine]:
    """Write the lines of an agent that loads in every call and prints equal ids."""
    pid = 1000 + int(t)
    for line in shared_models(t, room, True):
        yield replace(line, pid=pid, room=room)


def spoken(code: str) -> str:
    """Say a code digit by digit."""
    return " ".join(_DIGITS[int(digit)] for digit in code)


def report_line(memory_bytes: float) -> str:
    """Write a memory report in the class it belongs to."""
    text = f"{memory_bytes / MB:.1f}MB"
    if memory_bytes > 3000 * MB:
        return f"High memory usage detected: {text} - forcing garbage collection"
    return f"Memory usage: {text} ({'warning threshold' if memory_bytes >= 2000 * MB else 'healthy'})"
