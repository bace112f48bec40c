"""G9: over many connect/disconnect cycles every call works, and none is slower than the first ones.

Two waits are followed: from dialing to the agent's audio, and from the end of the caller's speech to the reply. Of each, all calls
of the last third of the cycles are held against all of the first third (see `ratio` in trend.py): an agent that slows down does so
in most of them. And the slowest tenth of all calls is held against the typical call of the first third: a pool, a lock or a queue
makes some calls slow, whenever they come. Times in which the machine held up the gate itself are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, Doubt, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, Status
from voicegate.judge.trend import CONFIDENCE, ratio
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import CycleLimits, TurnLimits
from voicegate.measure.assessment import BREAKS_CALL, assess_call
from voicegate.measure.calls import Call, calls_in_order, failed_by_others, why_failed
from voicegate.measure.phases import CYCLE, CYCLES
from voicegate.measure.stalls import Stall, stalls_for_callers
from voicegate.record.events import Recording

_SHOWN = 8

SHORTEST_WAIT_S = 0.5
"""Shorter waits count as this long: their ratio says little."""


class Limits(TurnLimits, CycleLimits):
    """How much slower the last cycles may be."""

    cycle_slowdown: float = Field(
        default=1.5, ge=1, description="the last cycles may take this many times as long as the first"
    )
    cycle_tail: float = Field(
        default=2.0,
        ge=1,
        description="the slowest tenth of the cycles may take this many times as long as the typical first ones",
    )


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long one call waited for something, and whether the machine held it up."""

    call: str
    seconds: float
    disturbed: bool


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Count the cycles whose call worked, and compare the last ones' waits with the first ones'."""
    return measure_undisturbed(_measure, recording, rules)


judge = Criterion(
    id="G9-cycles",
    title="every cycle works, none is slower",
    question="Does every call of many work, and is none slower than the first ones?",
    passes="20 connect/disconnect cycles: every call works, the last ones as fast as the first, and few are much slower",
    how="Two waits are followed: the join time, and the wait for the reply. All calls of the last third of the cycles are held against "
    "all of the first third: the median of the ratios of all pairs decides, with the interval of Wilcoxon's rank test. Above the limit it "
    "fails if the whole interval is, and is an ERROR otherwise. The slowest tenth of all calls, but never the slowest one alone, is held "
    "against the typical call of the first third: a pool, a lock or a queue makes some calls slow, whenever they come. Waits below 0.5 s "
    "count as 0.5 s. Waits in stalls of the machine do not count, and a first or last third without any other wait is an ERROR.",
    formula="slowdown = median of (wait of the last third / wait of the first third) over all pairs; "
    "tail = wait that a tenth of the calls exceed / median wait of the first third",
    limits=Limits,
    measure=measure,
    owes=("cycles whose call worked", "join time", "wait for a reply"),
    parts=(CYCLES,),
)


def _measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    limits = rules.limits
    every = [call for call in calls_in_order(recording) if call.phase.startswith(CYCLE) and call.is_over]
    calls = [call for call in every if call.speaks_of_agent]
    others = failed_by_others(every)
    if len(calls) < limits.cycles_needed:
        reason = f"{len(calls)} cycles with a call, needed are {limits.cycles_needed}"
        raise NotMeasured(
            "; ".join((reason, *(doubt.reason for doubt in others))), "run the full scenario to its end"
        )
    flaws = {call: assess_call(call, limits).of(*BREAKS_CALL) for call in calls}
    broken = [call for call in calls if flaws[call]]
    found = stalls_for_callers(recording, limits)
    waits = (("join time", _joins(calls, found)), ("wait for a reply", _replies(calls, found)))
    return Conclusion(
        measurements=(
            Measurement(
                "cycles whose call worked",
                len(calls) - len(broken),
                "count",
                "calls",
                Bound(Side.EXACTLY, len(calls)),
                samples=len(calls),
            ),
            *(one for name, own in waits for one in _slowdown(name, own, len(calls), limits)),
        ),
        evidence=(
            *(f"{call.name} in {call.phase}: {flaws[call][0].text}" for call in broken[:_SHOWN]),
            *(_summary(name, own) for name, own in waits if own),
        ),
        stability=_disturbed(waits),
        doubts=others + _untimed(waits, broken, len(calls)),
        met=f"all {len(calls)} cycles worked, the last ones as fast as the first",
        because=why_failed(broken),
        advice="see what grows with the number of calls: a list that is searched, a pool that runs out, a queue",
    )


def _joins(calls: Sequence[Call], found: Sequence[Stall]) -> Sequence[tuple[int, _Wait]]:
    return [
        (number, _wait(call, call.dialed_t, call.audio_t - call.dialed_t, found))
        for number, call in enumerate(calls)
        if call.audio_t is not None
    ]


def _replies(calls: Sequence[Call], found: Sequence[Stall]) -> Sequence[tuple[int, _Wait]]:
    return [
        (number, _wait(call, turn.speech_end_t, turn.latency_s, found))
        for number, call in enumerate(calls)
        for turn in call.turns
        if turn.latency_s is not None
    ]


def _wait(call: Call, begin_t: float, seconds: float, found: Sequence[Stall]) -> _Wait:
    disturbed = any(one.overlaps(begin_t, begin_t + seconds) for one in found)
    return _Wait(call.name, seconds, disturbed)


def _slowdown(
    name: str, waits: Sequence[tuple[int, _Wait]], cycles: int, limits: Limits
) -> tuple[Measurement, ...]:
    """Measure how much longer the last third waits than the first, and the slowest tenth than the typical call of the first."""
    steady = [(number, wait) for number, wait in waits if not wait.disturbed]
    first, last = (_seconds(third) for third in _outer_thirds(waits, cycles))
    if not first or not last:
        return ()
    every = sorted(_seconds([wait for _, wait in steady]))
    slowest_tenth = every[-1 - max(1, len(every) // 10)]
    return (
        _shift(f"{name}, last third to first", first, last, limits),
        Measurement(
            f"{name}, slowest tenth to the typical call of the first third",
            slowest_tenth / median(first),
            "fraction",
            "all calls",
            Bound(Side.AT_MOST, limits.cycle_tail),
            samples=len(every),
        ),
    )


def _seconds(waits: Sequence[_Wait]) -> Sequence[float]:
    return [max(wait.seconds, SHORTEST_WAIT_S) for wait in waits]


def _shift(what: str, first: Sequence[float], last: Sequence[float], limits: Limits) -> Measurement:
    """Hold the last calls against the first; only what is certain fails, as other work on the machine adds to waits."""
    low, value, high = ratio(first, last, CONFIDENCE)
    bound = Bound(Side.AT_MOST, limits.cycle_slowdown)
    status = Status.PASS if bound.holds(value) else Status.ERROR if bound.holds(low) else Status.FAIL
    return Measurement(
        what,
        value,
        "fraction",
        "all calls",
        bound,
        samples=len(first) + len(last),
        low=low,
        high=high,
        decided=status,
    )


def _outer_thirds(waits: Sequence[tuple[int, _Wait]], cycles: int) -> tuple[Sequence[_Wait], Sequence[_Wait]]:
    """List the steady waits of the first and of the last third of the cycles."""
    third = -(-cycles // 3)
    steady = [(number, wait) for number, wait in waits if not wait.disturbed]
    return (
        [wait for number, wait in steady if number < third],
        [wait for number, wait in steady if number >= cycles - third],
    )


def _summary(name: str, waits: Sequence[tuple[int, _Wait]]) -> str:
    seconds = [wait.seconds for _, wait in waits]
    slowest = max((wait for _, wait in waits), key=lambda wait: wait.seconds)
    return (
        f"{name}: median {median(seconds):.2f} s, slowest {slowest.seconds:.2f} s in {slowest.call}"
        f"{', held up by the machine' if slowest.disturbed else ''}"
    )


_Waits = Sequence[tuple[str, Sequence[tuple[int, _Wait]]]]


def _disturbed(waits: _Waits) -> str:
    every = [wait for _, own in waits for _, wait in own]
    return f"{sum(wait.disturbed for wait in every)} of {len(every)} waits fell into hold-ups of the machine"


def _untimed(waits: _Waits, broken: Sequence[Call], cycles: int) -> tuple[Doubt, ...]:
    """Doubt what cannot be compared: no steady wait in one of the outer thirds, though the calls worked."""
    if broken:
        return ()
    return tuple(
        Doubt(
            f"no {name} of the {which} third of the cycles was measured in steady times",
            "run again on a quieter machine",
        )
        for name, own in waits
        for which, third in zip(("first", "last"), _outer_thirds(own, cycles), strict=True)
        if not third
    )
