"""Stalls: times in which the machine, or the gate's own callers, were too busy to judge a call.

A process of its own samples memory at a steady pace. Where a sample comes late or takes long the machine stalled that process, and
perhaps the caller, the server or the agent too: what went wrong then shows nothing about the agent. The callers measure how
late they are themselves, in a scenario and in a load run. But an agent that used most of the cores made the stall, and is not
excused by it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, pairwise
from math import isfinite
from statistics import median
from typing import Literal

from voicegate.limits import StallLimits
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.processor_usage import MOST, usage_between
from voicegate.measure.waits import wait_of
from voicegate.record.events import GATE_CALLERS, CallerProcessSample, Recording, Turn

FULL = 0.9
"""From this part of the cores on, whoever is late had to wait for one."""

BREAKS_CALLS_S = 2.0
"""A shorter stall breaks no call."""

BUSY_CORES = 0.9
"""From here on a process of callers, which has one thread for all that it measures, is about to fall behind."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A stretch in which something took `late_s` longer than usual: the time between two samples, or the callers' event loop.

    `stopped_s` is by how much it was longer than the time between two samples usually is: what merely took long stopped nothing.
    `busy_cores` is what a process of callers used that did all it can, whether it was late or not. `agent_cores` is what the agent
    used meanwhile, and `cores` what there was; None if not known.
    """

    begin_t: float
    end_t: float
    late_s: float
    of: Literal["machine", "callers"] = "machine"
    busy_cores: float | None = None
    stopped_s: float = 0.0
    agent_cores: float | None = None
    cores: float | None = None

    @property
    def by_agent(self) -> bool:
        """Whether the agent used most of the cores meanwhile, so that the stall is its own doing."""
        return (
            self.agent_cores is not None and self.cores is not None and self.agent_cores > MOST * self.cores
        )

    def overlaps(self, begin_t: float, end_t: float) -> bool:
        """Whether it shares any time with this stretch."""
        return self.begin_t < end_t and begin_t < self.end_t


def stalls(recording: Recording, limits: StallLimits) -> tuple[Stall, ...]:
    """Find where the machine stalled, and the agent was not the reason."""
    return tuple(one for one in _of_machine(recording, limits) if not one.by_agent)


def stalls_for_callers(recording: Recording, limits: StallLimits) -> tuple[Stall, ...]:
    """Find where callers may have heard or measured wrongly: the machine stalled, or they were late, not because of the agent."""
    return tuple(one for one in _all(recording, limits) if not one.by_agent)


def stalls_by_agent(recording: Recording, limits: StallLimits) -> tuple[Stall, ...]:
    """Find the stalls that were the agent's own doing."""
    return tuple(one for one in _all(recording, limits) if one.by_agent)


def _all(recording: Recording, limits: StallLimits) -> Iterable[Stall]:
    return chain(_of_machine(recording, limits), _of_callers(recording, limits))


def _of_machine(recording: Recording, limits: StallLimits) -> Iterable[Stall]:
    """Find where a memory sample came later, or took longer, than is usual by more than the limits allow."""
    pairs = list(pairwise(recording.memory))
    if not pairs:
        return iter(())
    usual_s = median(after.t - before.t for before, after in pairs)
    usual_duration_s = median(sample.duration_s for sample in recording.memory)
    late = (
        Stall(
            before.t,
            max(after.t, before.t + before.duration_s),
            max(after.t - before.t - usual_s, before.duration_s - usual_duration_s),
            stopped_s=max(0.0, after.t - before.t - usual_s, before.duration_s - usual_s),
        )
        for before, after in pairs
    )
    return (_with_usage(one, recording) for one in late if one.late_s > limits.stall_s)


def _of_callers(recording: Recording, limits: StallLimits) -> Iterable[Stall]:
    """Find where a process of callers was late by more than the limits allow, or had more to do than one process can."""
    notes = sorted(recording.callers, key=lambda note: note.process)
    for _, own in groupby(notes, key=lambda note: note.process):
        for before, after in pairwise(own):
            if is_busy(after):
                yield Stall(before.t, after.t, after.lag_s, "callers", after.cores)
            elif after.lag_s > limits.stall_s:
                late = Stall(before.t, after.t, after.lag_s, "callers")
                yield _with_usage(late, recording) if _were_full(recording, late) else late


def is_busy(note: CallerProcessSample) -> bool:
    """Whether a process of nothing but callers used all that its one thread can: that is its own doing, whatever the agent does."""
    return note.process != GATE_CALLERS and note.cores > BUSY_CORES


def _were_full(recording: Recording, stall: Stall) -> bool:
    """Whether the cores were in use: if not, callers who were late were so by themselves."""
    looks = recording.processors
    first = max(0, bisect_right(looks, stall.begin_t, key=lambda look: look.t) - 1)
    around = looks[first : bisect_left(looks, stall.end_t, key=lambda look: look.t) + 1]
    if len(around) < 2:
        return False
    busy_s, for_s = around[-1].busy_s - around[0].busy_s, around[-1].t - around[0].t
    return busy_s >= FULL * around[-1].cores * for_s


def _with_usage(stall: Stall, recording: Recording) -> Stall:
    """Add how much of the processors the agent used meanwhile, where that was recorded."""
    used = usage_between(recording, stall.begin_t, stall.end_t)
    if not used.agent or not recording.processors:
        return stall
    return replace(stall, agent_cores=used.agent_total, cores=recording.processors[-1].cores)


def without_stalled(recording: Recording, found: Sequence[Stall]) -> Recording:
    """Leave out the turns in stalls, the calls of which nothing else remains, and those whose failure stalls explain."""
    calls: set[str] = set()
    turns: list[Turn] = []
    for call in calls_in_order(recording):
        if explains_failure(call, found):
            continue
        steady = [turn for turn in call.turns if not is_stalled(call, turn, found)]
        if steady or not (call.turns or _is_disturbed(call.dialed_t, call.until_t, found)):
            calls.add(call.name)
        turns += steady
    return replace(
        recording,
        calls=tuple(event for event in recording.calls if event.call in calls),
        turns=tuple(sorted(turns, key=lambda turn: turn.t)),
    )


def without_stalled_steps(recording: Recording, found: Sequence[Stall]) -> Recording:
    """Leave out the steps in stalls; a call whose failure stalls explain says nothing about the agent."""
    excused = {call.name for call in calls_in_order(recording) if explains_failure(call, found)}
    return replace(
        recording,
        calls=tuple(
            replace(event, fault="run") if event.step == "failed" and event.call in excused else event
            for event in recording.calls
        ),
        steps=tuple(step for step in recording.steps if not _is_disturbed(step.t, step.over_t, found)),
    )


def with_shorter_waits(recording: Recording, found: Sequence[Stall]) -> Recording:
    """Take what stalls explain off every wait, and leave out turns whose speech they touched and nobody answered."""
    turns = [(turn, wait_despite(turn, found)) for turn in recording.turns]
    kept = (
        replace(turn, latency_s=wait_s if isfinite(wait_s) else None)
        for turn, wait_s in turns
        if wait_s is not None
    )
    return replace(recording, turns=tuple(kept))


def with_shorter_joins(recording: Recording, found: Sequence[Stall]) -> Recording:
    """Take what stalls explain off the time from dialing to the first sound of the agent."""
    dialed = {call.name: call.dialed_t for call in calls_in_order(recording)}
    return replace(
        recording,
        calls=tuple(
            replace(event, t=event.t - explained_s(dialed[event.call], event.t, found))
            if event.step == "agent_audio"
            else event
            for event in recording.calls
        ),
    )


def without_stalled_ends(recording: Recording, found: Sequence[Stall]) -> Recording:
    """Leave out the calls whose failure stalls explain."""
    kept = {call.name for call in calls_in_order(recording) if not explains_failure(call, found)}
    return replace(
        recording,
        calls=tuple(event for event in recording.calls if event.call in kept),
        turns=tuple(turn for turn in recording.turns if turn.call in kept),
    )


def wait_despite(turn: Turn, found: Sequence[Stall]) -> float | None:
    """Return a wait without what stalls explain of it; None where a stall touched the speech that was not answered."""
    wait_s = wait_of(turn)
    if isfinite(wait_s):
        return max(0.0, wait_s - explained_s(turn.speech_end_t, turn.speech_end_t + wait_s, found))
    return None if _is_disturbed(turn.speech_start_t, turn.speech_end_t, found) else wait_s


def explains_failure(call: Call, found: Sequence[Stall]) -> bool:
    """Whether stalls explain most of the time from what last went well in a call to its failure."""
    replied = [turn.reply_end_t for turn in call.turns if turn.reply_end_t is not None]
    well_t = max([call.dialed_t, call.answered_t or 0.0, *replied])
    by_stalls_s = explained_s(well_t, call.until_t, found)
    return call.failure is not None and by_stalls_s > max(BREAKS_CALLS_S, MOST * (call.until_t - well_t))


def explained_s(begin_t: float, end_t: float, found: Sequence[Stall]) -> float:
    """Tell how much longer stalls may have made a stretch: as long as the machine stopped, and as long as callers could not keep up."""
    touching = [one for one in found if one.overlaps(begin_t, end_t)]
    seconds, known_t = 0.0, begin_t
    for one in sorted(touching, key=lambda stall: stall.begin_t):
        if one.of == "machine":
            seconds += min(one.stopped_s, one.end_t - begin_t, end_t - one.begin_t)
        else:
            seconds += max(0.0, min(one.end_t, end_t) - max(one.begin_t, known_t))
            known_t = max(known_t, one.end_t)
    return min(seconds, end_t - begin_t)


def is_stalled(call: Call, turn: Turn, found: Sequence[Stall]) -> bool:
    """Whether any of these stalls touches a turn of this call; one without a reply lasts to the end of the call."""
    end_t = call.until_t if turn.reply_end_t is None else turn.reply_end_t
    return _is_disturbed(turn.speech_start_t, end_t, found)


def _is_disturbed(begin_t: float, end_t: float, found: Sequence[Stall]) -> bool:
    return any(one.overlaps(begin_t, end_t) for one in found)
