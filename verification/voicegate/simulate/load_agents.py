"""Agents in load runs: L1 to L5. Five callers, one call after the other, each with three turns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from voicegate.judge.registry import Limits
from voicegate.record.events import (
    LOAD,
    CallEvent,
    End,
    Header,
    MemorySample,
    Phase,
    ProcessMemory,
    Recording,
    Turn,
)
from voicegate.simulate.agent import Agent
from voicegate.simulate.kinds import KINDS, Draw, Kind, Places, Values, places
from voicegate.simulate.noise import AS_MEASURED, MB, following, waits
from voicegate.simulate.runs import Maker, silent
from voicegate.testing.agent_lines import spoken

_USERS = 5
_CALL_S, _PAUSE_S, _TURN_S = 30.0, 3.0, 8.0
_TURNS = 3
_STAIR_S, _STAIR_CALL_S = 15.0, 8
_NOT_ALWAYS: Sequence[Kind] = ("intermittent", "late", "slow-tailed", "step")
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class _Load:
    """A load run without memory: so many calls, in the order they were dialed."""

    calls: tuple[tuple[CallEvent, ...], ...]
    turns: tuple[Turn, ...]
    end_t: float

    def recording(self, calls: Iterable[tuple[CallEvent, ...]], turns: Iterable[Turn]) -> Recording:
        """Make the recording of changed calls and turns."""
        return Recording(
            header=Header("2026-11-25T03:00:00Z", "micro", "process", (), None, {"scenario": LOAD}),
            phases=(Phase(5.0, "5-callers", "begin", _USERS), Phase(self.end_t, "5-callers", "end", _USERS)),
            calls=tuple(sorted((event for events in calls for event in events), key=lambda event: event.t)),
            turns=tuple(turns),
            end=End(self.end_t + 5, "complete"),
        )


@cache
def _load(count: int) -> _Load:
    """Make a healthy load run of so many calls."""
    dialed = [5 + (n // _USERS) * (_CALL_S + _PAUSE_S) + (n % _USERS) * 6.0 for n in range(count)]
    names = [f"call-{n:04d}" for n in range(count)]
    return _Load(
        tuple(_events(name, t, t + _CALL_S) for name, t in zip(names, dialed, strict=True)),
        tuple(_turn(name, n, t) for name, t in zip(names, dialed, strict=True) for n in range(_TURNS)),
        dialed[-1] + _CALL_S + 10,
    )


def _events(name: str, t: float, end_t: float) -> tuple[CallEvent, ...]:
    steps = (
        ("dialed", t),
        ("joined", t + 0.1),
        ("agent_joined", t + 0.4),
        ("agent_audio", t + 0.5),
        ("hung_up", end_t),
    )
    return tuple(CallEvent(at, name, step, f"room-{name}", "load") for step, at in steps)  # type: ignore[arg-type]


def _turn(call: str, index: int, dialed_t: float) -> Turn:
    t = dialed_t + 4 + index * _TURN_S
    said, reply = (f"{words} code is {spoken('1234')}" for words in ("my", "your"))
    return Turn(
        t, call, index, "code-1234", said, "1234", reply, t, t + 2, t + 3, t + 5, 1.0, said, reply, None, 2.0
    )


def _failing(chosen: Callable[[int, Draw], Places]) -> Maker:
    """Draw 1,000 calls, of which the chosen ones find no agent."""

    def make(draw: Draw) -> Recording:
        load = _load(1000)
        bad = chosen(len(load.calls), draw)
        calls = [_failed(events) if so else events for events, so in zip(load.calls, bad, strict=True)]
        lost = {events[0].call for events, so in zip(load.calls, bad, strict=True) if so}
        return load.recording(calls, [turn for turn in load.turns if turn.call not in lost])

    return make


def _failed(events: tuple[CallEvent, ...]) -> tuple[CallEvent, ...]:
    dialed, joined, *_, last = events
    failed = replace(last, t=dialed.t + 20, step="failed", detail="no agent came", fault="agent")
    return dialed, joined, failed


def _now_and_then(rate: float, last_part: float = 1.0) -> Callable[[int, Draw], Places]:
    """Choose calls by chance, this part of all, from the last part of the run."""
    return lambda count, draw: (
        (draw.random(count) < rate / last_part) & (np.arange(count) >= count * (1 - last_part))
    )


def _replying(slow: Callable[[int, Draw], Places], slow_s: float, *, never: bool = False) -> Maker:
    """Draw 200 calls whose chosen turns are answered after `slow_s`, or never."""

    def make(draw: Draw) -> Recording:
        load = _load(200)
        chosen = slow(len(load.turns), draw)
        usual = waits(draw, AS_MEASURED, AS_MEASURED.reply_s, AS_MEASURED.reply_spread, len(load.turns))
        seconds = np.where(chosen, usual * slow_s / AS_MEASURED.reply_s, usual)
        turns = [
            silent(turn) if never and bad else replace(turn, latency_s=wait_s)
            for turn, bad, wait_s in zip(load.turns, chosen, seconds.tolist(), strict=True)
        ]
        return load.recording(load.calls, turns)

    return make


def _joining(slow: Callable[[int, Draw], Places], slow_s: float) -> Maker:
    """Draw 200 calls of which the chosen ones hear the agent after `slow_s`."""

    def make(draw: Draw) -> Recording:
        load = _load(200)
        usual = waits(draw, AS_MEASURED, AS_MEASURED.join_s, AS_MEASURED.join_spread, len(load.calls))
        chosen = slow(len(load.calls), draw)
        seconds = np.where(chosen, usual * slow_s / AS_MEASURED.join_s, usual)
        calls = [
            (*events[:3], replace(events[3], t=events[0].t + wait_s), events[4])
            for events, wait_s in zip(load.calls, seconds.tolist(), strict=True)
        ]
        return load.recording(calls, load.turns)

    return make


def _stairs(cost_bytes: Callable[[int, Draw], Values], peak_bytes: float = 0.0) -> Maker:
    """Draw callers who come one after the other and stay; each costs so much, and one sample has a peak."""

    def make(draw: Draw) -> Recording:
        count = _STAIR_CALL_S
        end_t = 5 + (count + 1) * _STAIR_S
        begun = [5 + n * _STAIR_S for n in range(count)]
        names = [f"call-{n}" for n in range(count)]
        calls = [_events(name, t, end_t + n) for n, (name, t) in enumerate(zip(names, begun, strict=True))]
        turns = [replace(_turn(name, 0, t), latency_s=0.7) for name, t in zip(names, begun, strict=True)]
        costs = np.concatenate([[0.0], np.cumsum(cost_bytes(count, draw))])
        times = np.arange(0.0, end_t, 0.5)
        up = np.searchsorted(np.array(begun) + 0.4, times, side="right")
        level = following(draw, AS_MEASURED.level_bytes, AS_MEASURED.level_follows, count + 1)
        noise = draw.normal(0.0, AS_MEASURED.call_bytes, len(times))
        pss = 1300.0 * MB + costs[up] + level[up] + noise
        pss[draw.integers(len(pss) // 2, len(pss))] += peak_bytes
        load = _Load((), (), end_t + count)
        return replace(load.recording(calls, turns), memory=_samples(times, pss))

    return make


def _samples(times: Values, pss: Values) -> tuple[MemorySample, ...]:
    return tuple(
        MemorySample(t, 0.05, (ProcessMemory(10, 1, "main", "python", size, size, size, 16, 40, 12),))
        for t, size in zip(times.tolist(), pss.astype(int).tolist(), strict=True)
    )


def _costing(mean_bytes: float) -> Callable[[int, Draw], Values]:
    return lambda count, _: np.full(count, mean_bytes)


def _none(count: int, _draw: Draw) -> Places:
    return np.zeros(count, bool)


def _load_of_calls() -> Iterable[Agent]:
    yield Agent("L1", "healthy", "0.2 % of 1,000 calls fail", _failing(_now_and_then(0.002)), good=True)
    twice = 2 * _LIMITS.load_failed_calls
    yield Agent("L1", "steady", "2 % of 1,000 calls fail, any of them", _failing(_now_and_then(twice)))
    late = _failing(_now_and_then(twice, 1 / 3))
    yield Agent("L1", "late", "2 % of 1,000 calls fail, all in the last third", late)
    yield Agent("L1", "dying", "every call fails from some point on", _failing(partial(places, "dying")))
    yield Agent("L2", "healthy", "600 turns", _replying(_none, 1.0), good=True)
    p50, p95, join = _LIMITS.load_turn_p50_s, _LIMITS.load_turn_p95_s, _LIMITS.load_join_s
    yield Agent("L2", "steady", f"replies after {2 * p50:g} s", _replying(partial(places, "steady"), 2 * p50))
    for kind in _NOT_ALWAYS:
        what = f"replies after {2 * p95:g} s, {KINDS[kind].replace('call', 'turn')}"
        yield Agent("L2", kind, what, _replying(partial(places, kind), 2 * p95))
    yield Agent(
        "L2", "dying", "no reply from some point on", _replying(partial(places, "dying"), 1.0, never=True)
    )
    yield Agent("L3", "healthy", "200 calls", _joining(_none, 1.0), good=True)
    for kind in ("steady", *_NOT_ALWAYS):
        what = f"the agent is heard after {2 * join:g} s, {KINDS[kind]}"
        yield Agent("L3", kind, what, _joining(partial(places, kind), 2 * join))


def _load_of_memory() -> Iterable[Agent]:
    yield Agent("L4", "healthy", "eight callers, 40 MB each", _stairs(_costing(40 * MB)), good=True)
    limit = _LIMITS.load_call_bytes
    yield Agent("L4", "half the limit", "eight callers, 50 MB each", _stairs(_costing(limit / 2)), good=True)
    yield Agent("L4", "steady", "eight callers, 200 MB each", _stairs(_costing(2 * limit)))
    at_times = _stairs(lambda count, draw: 8.0 * limit * places("intermittent", count, draw))
    yield Agent("L4", "intermittent", "eight callers, 800 MB at every fourth", at_times)
    crowd = _stairs(lambda count, _: np.where(np.arange(count) >= count - 2, 2.0 * limit, 40.0 * MB))
    yield Agent("L4", "crowd", "eight callers, the last two cost 200 MB each", crowd)
    yield Agent("L5", "healthy", "eight callers, 40 MB each", _stairs(_costing(40 * MB)), good=True)
    peak = 2 * _LIMITS.load_total_bytes
    yield Agent("L5", "once", "6 GB in one sample", _stairs(_costing(40 * MB), peak))


def load_agents() -> tuple[Agent, ...]:
    """List them all."""
    return (*_load_of_calls(), *_load_of_memory())
