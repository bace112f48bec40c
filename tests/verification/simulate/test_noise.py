"""The noise of simulated runs is that of the recordings that are kept."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from mutants.kept_recordings import FOLDER
from numpy.typing import NDArray
from voicegate.judge.calls import by_turn, calls_in_order
from voicegate.judge.memory_levels import Level, level_of, samples_between, tree_pss
from voicegate.judge.spans import AFTER_CYCLE, CYCLE, spans
from voicegate.judge.trend import theil_sen
from voicegate.limits import Limits
from voicegate.record.events import Recording
from voicegate.record.recording import read_recording

LIMITS = Limits()
Values = NDArray[np.float64]


@cache
def kept(name: str) -> Recording:
    """Read a kept recording."""
    return read_recording(FOLDER / f"{name}.jsonl.gz")


def every_part() -> Iterator[Recording]:
    """Walk over all kept runs and their acts."""
    for path in sorted(FOLDER.iterdir()):
        recording = read_recording(path)
        yield recording
        yield from (act for act in recording.acts.values() if act.memory)


def rest_levels(recording: Recording) -> Sequence[Level]:
    """List the settled levels after the cycles."""
    rests = [span for span in spans(recording) if span.name.startswith(AFTER_CYCLE)]
    return [level for span in rests if (level := level_of(recording, span, LIMITS))]


def off_line(values: Sequence[float]) -> Values:
    """Take a line off values."""
    at = np.arange(len(values))
    off = np.array(values) - theil_sen(list(at), values, 0.95).slope * at
    centred: Values = off - off.mean()
    return centred


def follows(off: Values) -> float:
    """Compute the lag-1 autocorrelation of centred values."""
    return float((off[1:] * off[:-1]).sum() / (off**2).sum())


def within_phases(recording: Recording, *, calls: bool) -> Values:
    """List how far each sample of the settled windows is from its level, in phases with calls or without."""
    found: list[float] = []
    for span in spans(recording):
        if (span.concurrent_calls > 0) is calls and (level := level_of(recording, span, LIMITS)):
            window = samples_between(recording, level.begin_t, level.end_t)
            found += [tree_pss(one) - level.pss_bytes for one in window]
    return np.array(found)


def cycle_waits(recording: Recording) -> tuple[Sequence[float], Sequence[float]]:
    """List the joins and the waits for replies of the cycles."""
    calls = [call for call in calls_in_order(recording) if call.phase.startswith(CYCLE)]
    joins = [call.audio_t - call.dialed_t for call in calls if call.audio_t is not None]
    return joins, [turn.latency_s for _, turn in by_turn(calls) if turn.latency_s is not None]
