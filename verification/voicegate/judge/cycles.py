"""G9: over many connect/disconnect cycles every call works, and none is slower than the first ones.

Two waits are followed: from dialing to the agent's audio, and from the end of the caller's speech to the reply. Of each, the
fastest call of the last third of the cycles is held against the fastest of the first third: other work on the machine only
ever adds to a wait, while an agent that slows down slows down its fastest calls too. Times in which the machine held up
the gate itself are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, Doubt, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import CycleLimits, TurnLimits
from voicegate.measure.assessment import BREAKS_CALL, assess_call
from voicegate.measure.calls import Call, calls_in_order, failed_by_others
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
    passes="20 connect/disconnect cycles: every call works, the last ones as fast as the first",
    how="Of the join time and of the wait for the reply, the fastest of the last third of the cycles is held against the fastest of the "
    "first third: other work on the machine only adds to waits. It fails if it is also too long against the median of the first "
    "third, and is an ERROR between the two. Waits below 0.5 s count as 0.5 s. Waits in stretches in which the machine held up "
    "the gate do not count, and a first or last third without any other wait is an ERROR.",
    formula="slowdown = fastest wait of the last third / fastest wait of the first third",
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
    """Measure how much longer the fastest of the last third waits than the fastest, or the typical, of the first."""
    first, last = (
        [max(wait.seconds, SHORTEST_WAIT_S) for wait in third] for third in _outer_thirds(waits, cycles)
    )
    if not first or not last:
        return ()
    fastest = min(last)
    return (
        Measurement(
            f"{name}, fastest of the last third to fastest of the first",
            fastest / min(first),
            "fraction",
            "fastest calls",
            Bound(Side.AT_MOST, limits.cycle_slowdown),
            samples=len(first) + len(last),
            low=fastest / median(first),
            high=fastest / min(first),
        ),
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
