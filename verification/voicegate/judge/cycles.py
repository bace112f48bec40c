"""G9: over many connect/disconnect cycles every call works, and none is slower than the first ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from statistics import median

from pydantic import Field

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, Status, counted
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
    """How long a call, by its number among the cycles, waited for something, and whether the machine held it up."""

    number: int
    call: str
    seconds: float
    disturbed: bool


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Count the cycles whose call worked, and compare the last ones' waits with the first ones'."""
    limits = rules.limits
    every = [call for call in calls_in_order(recording) if call.phase.startswith(CYCLE) and call.is_over]
    calls = [call for call in every if call.speaks_of_agent]
    others = failed_by_others(every)
    if len(calls) < limits.cycles_needed:
        reasons = (
            f"{len(calls)} cycles with a call; needed: {limits.cycles_needed}",
            *(one.reason for one in others),
        )
        raise NotMeasured("; ".join(reasons), "run the full scenario to its end")
    flaws = {call: assess_call(call, limits).of(*BREAKS_CALL) for call in calls}
    broken = [call for call in calls if flaws[call]]
    found = stalls_for_callers(recording, limits)
    waits = {"join time": _joins(calls, found), "wait for a reply": _replies(calls, found)}
    thirds = {name: _outer_thirds(own, len(calls)) for name, own in waits.items()}
    disturbed = [one.disturbed for own in waits.values() for one in own]
    compared = [_slowdown(name, waits[name], *third, limits) for name, third in thirds.items() if all(third)]
    worked = counted("cycles whose call worked", len(calls) - len(broken), len(calls), "calls", len(calls))
    return Conclusion(
        measurements=(worked, *chain.from_iterable(compared)),
        evidence=(
            *(f"{call.name} in {call.phase}: {flaws[call][0].text}" for call in broken[:_SHOWN]),
            *(_summary(name, own) for name, own in waits.items() if own),
        ),
        stability=f"{sum(disturbed)} of {len(disturbed)} waits fell into stalls of the machine",
        caveats=others + (() if broken else tuple(_untimed(waits, len(calls)))),
        met=f"all {len(calls)} cycles worked, the last ones as fast as the first",
        because=why_failed(broken),
    )


judge = Criterion(
    id="G9-cycles",
    title="every cycle works, none is slower",
    question="Does every call of many work, and is none slower than the first ones?",
    passes="20 connect/disconnect cycles: every call works, the last ones as fast as the first, and few are much slower",
    how=(
        "Two waits are compared: the join time, and the wait for the reply. All calls of the last third "
        "of the cycles are compared with all calls of the first third: the median of the ratios of all "
        "pairs decides, with the interval of Wilcoxon's rank test. Above the limit it fails if the whole "
        "interval is, and is an ERROR otherwise. The slowest tenth of all calls (but never the slowest "
        "one alone) is compared with the typical call of the first third, because a pool, a lock or a "
        "queue makes some calls slow at any time. Waits below 0.5 s count as 0.5 s. Waits during stalls "
        "of the machine do not count; if they are more than half of the first or last third, the result "
        "is an ERROR."
    ),
    formula="slowdown = median of (wait of the last third / wait of the first third) over all pairs; "
    "tail = wait that a tenth of the calls exceed / median wait of the first third",
    when_it_fails="see what grows with the number of calls: a list that is searched, a pool that runs out, a queue",
    limits=Limits,
    measure=partial(measure_undisturbed, measure),
    owes=("cycles whose call worked", "join time", "wait for a reply"),
    parts=(CYCLES,),
)


def _joins(calls: Sequence[Call], found: Sequence[Stall]) -> Sequence[_Wait]:
    return [
        _wait(number, call, call.dialed_t, call.audio_t - call.dialed_t, found)
        for number, call in enumerate(calls)
        if call.audio_t is not None
    ]


def _replies(calls: Sequence[Call], found: Sequence[Stall]) -> Sequence[_Wait]:
    return [
        _wait(number, call, turn.speech_end_t, turn.latency_s, found)
        for number, call in enumerate(calls)
        for turn in call.turns
        if turn.latency_s is not None
    ]


def _wait(number: int, call: Call, begin_t: float, seconds: float, found: Sequence[Stall]) -> _Wait:
    disturbed = any(one.overlaps(begin_t, begin_t + seconds) for one in found)
    return _Wait(number, call.name, seconds, disturbed)


def _outer_thirds(waits: Sequence[_Wait], cycles: int) -> tuple[Sequence[float], Sequence[float]]:
    """List the steady waits of the first and of the last third of the cycles."""
    third = -(-cycles // 3)
    return (
        _steady([wait for wait in waits if wait.number < third]),
        _steady([wait for wait in waits if wait.number >= cycles - third]),
    )


def _steady(waits: Sequence[_Wait]) -> Sequence[float]:
    return [max(wait.seconds, SHORTEST_WAIT_S) for wait in waits if not wait.disturbed]


def _slowdown(
    name: str, waits: Sequence[_Wait], first: Sequence[float], last: Sequence[float], limits: Limits
) -> tuple[Measurement, Measurement]:
    """Measure how much longer the last third waits than the first, and the slowest tenth than the typical call of the first."""
    return _shift(f"{name}, last third to first", first, last, limits), _tail(name, waits, first, limits)


def _shift(what: str, first: Sequence[float], last: Sequence[float], limits: Limits) -> Measurement:
    """Hold the last calls against the first; only what is certain fails, as other work on the machine adds to waits."""
    from voicegate.judge.fitting import ratio  # noqa: PLC0415 - numpy, which every command would wait for

    low, value, high = ratio(first, last)
    bound, samples = Bound(Side.AT_MOST, limits.cycle_slowdown), len(first) + len(last)
    status = Status.PASS if bound.holds(value) else Status.ERROR if bound.holds(low) else Status.FAIL
    return Measurement(what, value, "fraction", "all calls", bound, samples, None, low, high, status)


def _tail(name: str, waits: Sequence[_Wait], first: Sequence[float], limits: Limits) -> Measurement:
    """Hold the slowest tenth of all calls, but never the slowest one alone, against the typical call of the first third."""
    every = sorted(_steady(waits))
    slowest_tenth = every[-1 - max(1, len(every) // 10)]
    what = f"{name}, slowest tenth to the typical call of the first third"
    bound = Bound(Side.AT_MOST, limits.cycle_tail)
    return Measurement(what, slowest_tenth / median(first), "fraction", "all calls", bound, len(every))


def _summary(name: str, waits: Sequence[_Wait]) -> str:
    typical_s, slowest = median(wait.seconds for wait in waits), max(waits, key=lambda wait: wait.seconds)
    held_up = ", during a stall of the machine" if slowest.disturbed else ""
    return f"{name}: median {typical_s:.2f} s, slowest {slowest.seconds:.2f} s in {slowest.call}{held_up}"


def _untimed(waits: Mapping[str, Sequence[_Wait]], cycles: int) -> Iterator[Caveat]:
    """Return a caveat if calls worked and cannot be compared: fewer than half of the waits in an outer third fell outside stalls."""
    third = -(-cycles // 3)
    for name, own in waits.items():
        for which, steady in zip(("first", "last"), _outer_thirds(own, cycles), strict=True):
            if 2 * len(steady) < third:
                reason = f"{name}: {len(steady)} of the {third} calls of the {which} third of the cycles fell outside stalls of the machine"
                yield Caveat(
                    f"{reason}; half of them are needed",
                    "run again with less other work on the machine, or on more cores",
                )
