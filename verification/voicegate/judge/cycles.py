"""G9: over many connect/disconnect cycles every call works, and none is slower than the first ones.

Two waits are followed: from dialing to the agent's audio, and from the end of the caller's speech to the reply. Of each, all calls
of the last third of the cycles are held against all of the first third (see `ratio` in trend.py): an agent that slows down does so
in most of them. And the slowest tenth of all calls is held against the typical call of the first third: a pool, a lock or a queue
makes some calls slow, whenever they come. Times in which the machine held up the gate itself are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from voicegate.judge.calls import Call, by_turn, calls_in_order, failed_by_others
from voicegate.judge.criterion import Conclusion, Doubt, NotMeasured, Rules, criterion
from voicegate.judge.finding import Bound, Measurement, Side, Status
from voicegate.judge.hold_ups import HoldUp, hold_ups, measure_undisturbed
from voicegate.judge.latencies import agreement, disagreements
from voicegate.judge.spans import CYCLE, absent, cut_off
from voicegate.judge.spoken_words import words
from voicegate.judge.trend import ratio
from voicegate.limits import Limits
from voicegate.record.events import Recording

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long one call waited for something, and whether the machine held it up."""

    call: str
    seconds: float
    disturbed: bool


@criterion("G9-cycles", "every cycle works, none is slower")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Count the cycles whose call worked, and compare the last ones' waits with the first ones'."""
    return measure_undisturbed(_measure, recording, rules)


def _measure(recording: Recording, rules: Rules) -> Conclusion:
    limits = rules.limits
    every = [call for call in calls_in_order(recording) if call.phase.startswith(CYCLE) and call.is_over]
    calls = [call for call in every if call.speaks_of_agent]
    if not every:
        raise absent(recording, "connect/disconnect cycles")
    others = failed_by_others(every)
    if len(calls) < limits.cycles_needed:
        reason = f"{len(calls)} cycles with a call, needed are {limits.cycles_needed}"
        raise NotMeasured(
            "; ".join((reason, *(doubt.reason for doubt in others))), "run the full scenario to its end"
        )
    broken = [call for call in calls if _flaw(call)]
    found = hold_ups(recording, limits)
    waits = (("join time", _joins(calls, found)), ("wait for a reply", _replies(calls, found)))
    turns = list(by_turn(calls))
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
            *(f"{call.name} in {call.phase}: {_flaw(call)}" for call in broken[:_SHOWN]),
            *(_summary(name, own) for name, own in waits if own),
        ),
        stability=f"{_disturbed(waits)}; {agreement(turns)}",
        doubts=others
        + disagreements(turns, limits)
        + _untimed(waits, broken, len(calls))
        + cut_off(recording),
        met=f"all {len(calls)} cycles worked, the last ones as fast as the first",
        advice="see what grows with the number of calls: a list that is searched, a pool that runs out, a queue",
    )


def _flaw(call: Call) -> str:
    """Say what did not work in a call; empty when all did."""
    if call.failure is not None or call.answered_t is None:
        return call.failure or "no agent answered"
    if not call.turns:
        return "came to no turn"
    unanswered = [turn for turn in call.turns if not words(turn.reply_text)]
    unheard = [turn for turn in call.turns if turn.reply_start_t is None or turn.reply_audio_s <= 0]
    return "a turn got no reply text" if unanswered else "a reply was not heard" if unheard else ""


def _joins(calls: Sequence[Call], found: Sequence[HoldUp]) -> Sequence[tuple[int, _Wait]]:
    return [
        (number, _wait(call, call.dialed_t, call.audio_t - call.dialed_t, found))
        for number, call in enumerate(calls)
        if call.audio_t is not None
    ]


def _replies(calls: Sequence[Call], found: Sequence[HoldUp]) -> Sequence[tuple[int, _Wait]]:
    return [
        (number, _wait(call, turn.speech_end_t, turn.latency_s, found))
        for number, call in enumerate(calls)
        for turn in call.turns
        if turn.latency_s is not None
    ]


def _wait(call: Call, begin_t: float, seconds: float, found: Sequence[HoldUp]) -> _Wait:
    disturbed = any(one.overlaps(begin_t, begin_t + seconds) for one in found)
    return _Wait(call.name, seconds, disturbed)


def _slowdown(
    name: str, waits: Sequence[tuple[int, _Wait]], cycles: int, limits: Limits
) -> tuple[Measurement, ...]:
    """Measure how much longer the last third waits than the first, and the slowest tenth than the typical call of the first."""
    steady = [(number, wait) for number, wait in waits if not wait.disturbed]
    first, last = (_seconds(third, limits) for third in _outer_thirds(waits, cycles))
    if not first or not last:
        return ()
    every = sorted(_seconds([wait for _, wait in steady], limits))
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


def _seconds(waits: Sequence[_Wait], limits: Limits) -> Sequence[float]:
    return [max(wait.seconds, limits.cycle_wait_s) for wait in waits]


def _shift(what: str, first: Sequence[float], last: Sequence[float], limits: Limits) -> Measurement:
    """Hold the last calls against the first; only what is certain fails, as other work on the machine adds to waits."""
    low, value, high = ratio(first, last, limits.confidence)
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
