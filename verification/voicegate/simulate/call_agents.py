"""Agents whose log, speech or waits are wrong: C1 to C3, C8, G1 to G5, G9 and G11."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from voicegate.judge.registry import Limits
from voicegate.record.events import LogLine, Recording, Turn
from voicegate.simulate.agent import Agent
from voicegate.simulate.kinds import KINDS, LIVING, Draw, Kind, Values, places
from voicegate.simulate.noise import AS_MEASURED, BUSY, Noise
from voicegate.simulate.runs import (
    FIRST_REPORT_S,
    REPORT_INTERVAL_S,
    Maker,
    full,
    full_run,
    mishear,
    report_times,
    silent,
    with_gap,
    with_lines,
)
from voicegate.testing.agent_lines import ASR_ID, models_per_call

_LIMITS = Limits()
_WAITS: Sequence[Kind] = ("intermittent", "late", "slow-tailed", "step")
_LATE_S = 2 * _LIMITS.monitor_tolerance_s
_THRICE = 2 * _LIMITS.cycle_slowdown

_ByTurn = Callable[[Turn, Draw], Turn]


def _at_calls(kind: Kind, change: _ByTurn) -> Maker:
    """Draw runs in which the turns of the chosen calls are changed."""

    def make(draw: Draw) -> Recording:
        chosen = places(kind, full().calls, draw)
        return full_run(draw, change=lambda n, turn: change(turn, draw) if chosen[n] else turn)

    return make


def _misheard(rate: float, *, codes_too: bool = True) -> _ByTurn:
    """Mishear this part of the words, and answer what was understood."""

    def change(turn: Turn, draw: Draw) -> Turn:
        words = len(turn.said_text.split())
        open_to = words if codes_too else words - 4
        return mishear(turn, set(np.flatnonzero(draw.random(open_to) < rate * words / open_to).tolist()))

    return change


def _crossed(draw: Draw) -> Recording:
    """Give one call's text to another."""
    recording = full_run(draw)
    turns = list(recording.turns)
    to, of = draw.choice(len(turns), 2, replace=False)
    turns[to] = replace(turns[to], transcript=turns[of].transcript, reply_text=turns[of].reply_text)
    return replace(recording, turns=tuple(turns))


def _one_silent(draw: Draw) -> Recording:
    at = draw.integers(full().calls)
    return full_run(draw, change=lambda n, turn: silent(turn) if n == at else turn)


def _slower(by_cycle: Callable[[Draw], Values], noise: Noise = AS_MEASURED) -> Maker:
    """Draw runs in which joins and replies of each cycle take so many times as long."""

    def make(draw: Draw) -> Recording:
        canvas = full()
        factor = np.ones(canvas.calls)
        factor[-canvas.cycles :] = by_cycle(draw)
        return full_run(draw, noise, slower=factor)

    return make


def _slow_at(kind: Kind, factor: float) -> Callable[[Draw], Values]:
    return lambda draw: 1 + (factor - 1) * places(kind, full().cycles, draw)


def _mute_cycles(draw: Draw) -> Recording:
    first = full().calls - full().cycles
    chosen = places("dying", full().cycles, draw)
    return full_run(draw, change=lambda n, turn: silent(turn) if n >= first and chosen[n - first] else turn)


def _reporting(change: Callable[[Values, Draw], Values], factor: float = 1.0) -> Maker:
    return lambda draw: full_run(draw, reports_t=change(report_times(draw), draw), reported=factor)


def _longer_intervals(kind: Kind, by_s: float) -> Callable[[Values, Draw], Values]:
    def change(times: Values, draw: Draw) -> Values:
        later: Values = times + by_s * np.cumsum(places(kind, len(times), draw))
        return later[later < _end_t()]

    return change


def _without_reports(times: Values, draw: Draw) -> Values:
    left: Values = times[~places("intermittent", len(times), draw)]
    return left


def _dying_monitor(times: Values, draw: Draw) -> Values:
    """Stop at any time that leaves twice the interval and tolerance of silence."""
    silent_s = 2 * (REPORT_INTERVAL_S + _LIMITS.monitor_tolerance_s)
    left: Values = times[times < draw.uniform(FIRST_REPORT_S, _end_t() - silent_s)]
    return left


def _end_t() -> float:
    return full().spans[-1].end_t or 0.0


def _loads(kind: Kind) -> Maker:
    """Let the chosen later calls load models of their own."""
    return lambda draw: _relogged(
        draw, kind, lambda line: list(models_per_call(line.t, line.room or "", True))
    )


def _other_ids(kind: Kind) -> Maker:
    """Let the chosen later calls name another instance."""
    return lambda draw: _relogged(
        draw, kind, lambda line: [replace(line, message=line.message.replace(str(ASR_ID), str(ASR_ID + 1)))]
    )


def _relogged(draw: Draw, kind: Kind, change: Callable[[LogLine], Sequence[LogLine]]) -> Recording:
    """Replace the first line of each of the chosen calls after the first one, which says that they reuse the recognizer."""
    recording = full_run(draw)
    rooms = [event.room for event in recording.calls if event.step == "dialed"][1:]
    chosen = {room for room, so in zip(rooms, places(kind, len(rooms), draw), strict=True) if so}
    lines = [
        new
        for line in recording.log
        for new in (
            change(line) if line.room in chosen and "Reusing existing shared ASR" in line.message else [line]
        )
    ]
    return with_lines(replace(recording, log=()), lines)


def _loads_twice(draw: Draw) -> Recording:
    recording = full_run(draw)
    (first,) = [line for line in recording.log if line.message.startswith("🔧 Initializing shared ASR")]
    return with_lines(recording, [replace(first, t=first.t + 0.05)])


def _errors(kind: Kind) -> Maker:
    """Let the agent log an error in the middle of the chosen calls."""

    def make(draw: Draw) -> Recording:
        recording = full_run(draw)
        chosen = places(kind, full().calls, draw)
        at = [turn.speech_end_t for turn, so in zip(recording.turns, chosen, strict=True) if so]
        return with_lines(recording, [LogLine(t, "cannot write", level="ERROR", pid=10) for t in at])

    return make


def _resets(_draw: Draw) -> Recording:
    run = full().part
    (source,) = run.sources
    places_set = tuple(replace(one, sets_none=True) for one in source.assignments)
    return replace(run, sources=(replace(source, assignments=places_set),))


def _silent_page(_draw: Draw) -> Recording:
    run = full().part
    return replace(run, page_calls=tuple(replace(call, heard_s=0.0) for call in run.page_calls))


def _logs() -> Iterable[Agent]:
    yield Agent("C1", "steady", "the first call loads the recognizer twice", _loads_twice)
    for kind in LIVING:
        yield Agent("C2", kind, f"a call loads both models again, {KINDS[kind]}", _loads(kind))
        yield Agent("C3", kind, f"a call names another instance, {KINDS[kind]}", _other_ids(kind))
        yield Agent("G11", kind, f"an error in the log, {KINDS[kind]}", _errors(kind))
    yield Agent("G1", "steady", "a function gives up the models", _resets)


def _monitors() -> Iterable[Agent]:
    longer = _reporting(_longer_intervals("steady", _LIMITS.monitor_tolerance_s / 2))
    yield Agent("C8", "half the limit", "62.5 s between reports", longer, good=True)
    half = _reporting(lambda times, _: times, 1 + _LIMITS.monitor_error / 2)
    yield Agent("C8", "half the limit", "2.5 % too much", half, good=True)
    twice = _reporting(lambda times, _: times, 1 + 2 * _LIMITS.monitor_error)
    yield Agent("C8", "steady", "10 % too much", twice)
    for kind in ("steady", "late", "step"):
        longer = _reporting(_longer_intervals(kind, _LATE_S))
        yield Agent("C8", kind, f"70 s between reports, {KINDS[kind]}", longer)
    yield Agent("C8", "intermittent", "every fourth report is missing", _reporting(_without_reports))
    late = _reporting(lambda times, draw: times + _LATE_S * places("slow-tailed", len(times), draw))
    yield Agent("C8", "slow-tailed", "one report in five is 10 s late", late)
    yield Agent("C8", "dying", "no report any more, for 130 s at least", _reporting(_dying_monitor))


def _speech() -> Iterable[Agent]:
    half, twice = _LIMITS.total_wer / 2, 2 * _LIMITS.call_wer
    some = _at_calls("steady", _misheard(half, codes_too=False))
    yield Agent("G2", "half the limit", "5 % of the words misheard, no digit", some, good=True)
    for kind in LIVING:
        rate = 2 * _LIMITS.total_wer if kind == "steady" else twice
        what = f"{rate:.0%} of the words misheard, {KINDS[kind]}"
        yield Agent("G2", kind, what, _at_calls(kind, _misheard(rate)))
        yield Agent("G3", kind, f"no reply, {KINDS[kind]}", _at_calls(kind, lambda turn, _: silent(turn)))
        holes = _at_calls(kind, lambda turn, _: with_gap(turn, 2 * _LIMITS.gap_s))
        yield Agent("G4", kind, f"a hole of 0.4 s, {KINDS[kind]}", holes)
    yield Agent("G2", "once", "one call gets another one's text", _crossed)
    yield Agent("G5", "steady", "the page plays no sound", _silent_page)
    mute = _at_calls("dying", lambda turn, _: silent(turn))
    yield Agent("G3", "dying", "no reply any more from some point on", mute)
    yield Agent("G3", "once", "one call of the run gets no reply", _one_silent, shown_only=True)


def _slowing() -> Iterable[Agent]:
    half = _slower(_slow_at("late", 1 + (_LIMITS.cycle_slowdown - 1) / 2))
    what = "1.25 times as slow in the last third"
    yield Agent("G9", "half the limit", what, half, good=True, shown_only=True)
    busy = _slower(lambda _: np.ones(full().cycles), BUSY)
    what = "healthy, on a machine that others use as well"
    yield Agent("G9", "busy machine", what, busy, good=True, shown_only=True)
    growing = _slower(lambda _: np.linspace(1, 1 + 3 * (_THRICE - 1), full().cycles))
    what = "every call slower than the one before, the last third on average thrice as slow as the first"
    yield Agent("G9", "steady", what, growing)
    for kind in _WAITS:
        yield Agent("G9", kind, f"thrice as slow, {KINDS[kind]}", _slower(_slow_at(kind, _THRICE)))
    yield Agent("G9", "dying", "no reply from some cycle on", _mute_cycles)


def _answering() -> Iterable[Agent]:
    half, late = 2 * _LIMITS.response_p50_s, 2 * _LIMITS.response_p95_s
    for kind in LIVING:
        wait_s = half if kind == "steady" else late
        slow = _slower(_slow_at(kind, wait_s / AS_MEASURED.reply_s))
        yield Agent("T1", kind, f"answers after {wait_s:g} s, {KINDS[kind]}", slow)
    yield Agent("T1", "dying", "no reply from some cycle on", _mute_cycles)
    for kind in LIVING:
        silence_s = 2 * _LIMITS.dead_air_s
        silent = _slower(_slow_at(kind, silence_s / AS_MEASURED.reply_s))
        yield Agent("T6", kind, f"silent for {silence_s:g} s, {KINDS[kind]}", silent)
    yield Agent("T6", "dying", "no reply from some cycle on", _mute_cycles)


def call_agents() -> tuple[Agent, ...]:
    """List them all."""
    return (*_logs(), *_monitors(), *_speech(), *_slowing(), *_answering())
