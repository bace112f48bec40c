"""Stalls: times in which the machine was too busy to judge a call on it.

The gate samples memory at a steady pace. Where a sample comes late or takes long the machine stalled the gate itself, and
perhaps the caller, the server or the agent too: what went wrong then shows nothing about the agent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from voicegate.limits import Limits
from voicegate.measure.calls import Call, calls_in_order
from voicegate.record.events import Recording, Turn


@dataclass(frozen=True, slots=True)
class Stall:
    """A stretch between two memory samples that took `late_s` longer than usual."""

    begin_t: float
    end_t: float
    late_s: float

    def overlaps(self, begin_t: float, end_t: float) -> bool:
        """Whether it shares any time with this stretch."""
        return self.begin_t < end_t and begin_t < self.end_t


def stalls(recording: Recording, limits: Limits) -> tuple[Stall, ...]:
    """Find where a memory sample came later, or took longer, than is usual by more than the limits allow."""
    pairs = list(pairwise(recording.memory))
    if not pairs:
        return ()
    usual_s = median(after.t - before.t for before, after in pairs)
    usual_duration_s = median(sample.duration_s for sample in recording.memory)
    late = (
        Stall(
            before.t,
            max(after.t, before.t + before.duration_s),
            max(after.t - before.t - usual_s, before.duration_s - usual_duration_s),
        )
        for before, after in pairs
    )
    return tuple(one for one in late if one.late_s > limits.hold_up_s)


def without_stalled(recording: Recording, found: Sequence[Stall]) -> Recording:
    """Leave out the turns in stalls, and the calls of which nothing else remains."""
    calls: set[str] = set()
    turns: list[Turn] = []
    for call in calls_in_order(recording):
        steady = [turn for turn in call.turns if not _is_disturbed(*_stretch(call, turn), found)]
        if steady or not (call.turns or _is_disturbed(call.dialed_t, _end(call), found)):
            calls.add(call.name)
        turns += steady
    return replace(
        recording,
        calls=tuple(event for event in recording.calls if event.call in calls),
        turns=tuple(sorted(turns, key=lambda turn: turn.t)),
    )


def _stretch(call: Call, turn: Turn) -> tuple[float, float]:
    """Tell when a turn began and ended; one without a reply lasts to the end of the call."""
    return turn.speech_start_t, _end(call) if turn.reply_end_t is None else turn.reply_end_t


def _end(call: Call) -> float:
    return float("inf") if call.left_t is None else call.left_t


def _is_disturbed(begin_t: float, end_t: float, found: Sequence[Stall]) -> bool:
    return any(one.overlaps(begin_t, end_t) for one in found)
