"""How long a caller who is owed an answer hears nothing at all: fillers break the silence."""

from collections.abc import Sequence
from math import inf

from voicegate.limits import SpeechLimits
from voicegate.measure.waits import wait_of
from voicegate.record.events import Turn


def silence_s(turn: Turn, limits: SpeechLimits) -> float:
    """Return the longest silence from the end of the caller's speech to the begin of the answer; infinite where none came.

    Where the sound before the answer was not recorded, that is the whole wait.
    """
    if turn.reply_start_t is None or turn.heard_loudness is None:
        return wait_of(turn)
    return _longest(_heard(turn, limits), turn.speech_end_t, turn.reply_start_t)


def _heard(turn: Turn, limits: SpeechLimits) -> Sequence[tuple[float, float]]:
    from voicegate.measure.speech import sounding  # noqa: PLC0415 - numpy, which every command would wait for

    if turn.heard_loudness is None:
        return ()
    return [(turn.t + begin, turn.t + end) for begin, end in sounding(turn.heard_loudness, limits)]


def _longest(heard: Sequence[tuple[float, float]], from_t: float, to_t: float) -> float:
    """Find the longest time without sound between these times."""
    longest_s, silent_since_t = 0.0, from_t
    for begin_t, end_t in [*heard, (to_t, inf)]:
        longest_s = max(longest_s, min(begin_t, to_t) - silent_since_t)
        silent_since_t = max(silent_since_t, end_t)
        if begin_t >= to_t:
            break
    return longest_s
