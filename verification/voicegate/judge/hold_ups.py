"""Times in which the machine was too busy to judge a call on it.

The gate samples memory at a steady pace. Where a sample comes late or takes long the gate itself was held up, and so may have
been the caller, the server or the agent: what went wrong then shows nothing about the agent. It is not passed over
either: a criterion that fails only on such turns could not be measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TypeVar

from voicegate.judge.calls import Call, calls_in_order
from voicegate.judge.criterion import Conclusion, Doubt, Measure, NotMeasured, RulesFor
from voicegate.judge.finding import Status
from voicegate.limits import StallLimits
from voicegate.record.events import Recording, Turn

L = TypeVar("L", bound=StallLimits)


@dataclass(frozen=True, slots=True)
class HoldUp:
    """A stretch between two memory samples that took `late_s` longer than usual."""

    begin_t: float
    end_t: float
    late_s: float

    def overlaps(self, begin_t: float, end_t: float) -> bool:
        """Whether it shares any time with this stretch."""
        return self.begin_t < end_t and begin_t < self.end_t


def hold_ups(recording: Recording, limits: StallLimits) -> tuple[HoldUp, ...]:
    """Find where a memory sample came later, or took longer, than is usual by more than the limits allow."""
    pairs = list(pairwise(recording.memory))
    if not pairs:
        return ()
    usual_s = median(after.t - before.t for before, after in pairs)
    usual_duration_s = median(sample.duration_s for sample in recording.memory)
    late = (
        HoldUp(
            before.t,
            max(after.t, before.t + before.duration_s),
            max(after.t - before.t - usual_s, before.duration_s - usual_duration_s),
        )
        for before, after in pairs
    )
    return tuple(one for one in late if one.late_s > limits.hold_up_s)


def measure_undisturbed(
    measure: Measure[L], recording: Recording, rules: RulesFor[L], *, never_excused: str = ""
) -> Conclusion:
    """Measure all turns; where that fails, and the turns in no hold-up do not, conclude from those, with a doubt.

    `never_excused` names a measurement whose failure no hold-up explains.
    """
    whole = measure(recording, rules)
    failed = [one.what for one in whole.measurements if one.status is Status.FAIL]
    found = hold_ups(recording, rules.limits)
    if not failed or never_excused in failed or not found:
        return whole
    try:
        conclusion = measure(_without_disturbed(recording, found), rules)
    except NotMeasured:
        conclusion = replace(whole, measurements=())
    if any(one.status is Status.FAIL for one in conclusion.measurements):
        return whole
    late_s = max(one.late_s for one in found)
    reason = f"fails only with turns in which the machine held up the gate itself, by up to {late_s:.1f} s"
    doubt = Doubt(reason, "run again with less other work on the machine, or on more cores")
    return replace(conclusion, evidence=whole.evidence, doubts=(doubt, *conclusion.doubts))


def _without_disturbed(recording: Recording, found: Sequence[HoldUp]) -> Recording:
    """Leave out the turns in hold-ups, and the calls of which nothing else remains."""
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


def _is_disturbed(begin_t: float, end_t: float, found: Sequence[HoldUp]) -> bool:
    return any(one.overlaps(begin_t, end_t) for one in found)
