"""Agents whose memory, processes or disk are wrong: C4 to C7, G6 to G8 and G10."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from voicegate.drive.scenario import SCENARIOS, Quiet, Rest
from voicegate.judge.registry import Limits
from voicegate.measure.phases import AFTER_FIRST, BASELINE
from voicegate.record.events import Recording
from voicegate.simulate.agent import Agent
from voicegate.simulate.canvas import Canvas, Kept
from voicegate.simulate.kinds import KINDS, LIVING, Draw, Kind, Values, places
from voicegate.simulate.noise import MB
from voicegate.simulate.runs import CYCLES, Maker, full, memory_run, until_decided, variant, with_variant
from voicegate.testing.made_up import MadeUpRun

_HEALTHY = MadeUpRun()
_LIMITS = Limits()
_CROWDED = 3
FURTHER_CYCLES = 2
"""While C6 is undecided: what fits into ten minutes on two cores, with both variants."""

_ByPhase = Callable[[Canvas, Draw], Values]


def _with_levels(extra_bytes: _ByPhase, further: int = 0) -> Maker:
    """Draw runs in which each phase has so many bytes more; up to so many further cycles are played while C6 is undecided."""

    def make(draw: Draw) -> Recording:
        canvas = full(CYCLES + further)
        drawn = memory_run(draw, extra_bytes(canvas, draw)[canvas.phase_of_sample], canvas=canvas)
        return until_decided(drawn, further)

    return make


def _later_calls(kind: Kind, canvas: Canvas, draw: Draw) -> Values:
    """Choose calls, but never the first one, which loads the models."""
    return np.concatenate([[0.0], places(kind, canvas.calls - 1, draw)])


def _dear_calls(kind: Kind, cost_bytes: int) -> Maker:
    more = float(cost_bytes - _HEALTHY.per_call_bytes)
    return _with_levels(lambda canvas, draw: canvas.while_up(more * _later_calls(kind, canvas, draw)))


def _dear_crowd(canvas: Canvas, _draw: Draw) -> Values:
    more = np.zeros(canvas.calls)
    more[8:10] = 2 * _LIMITS.extra_connection_bytes - _HEALTHY.per_call_bytes  # the last two of five at once
    return canvas.while_up(more)


def _leak(kind: Kind, per_cycle_bytes: float, every: int = 1, further: int = FURTHER_CYCLES) -> Maker:
    left = every * per_cycle_bytes
    return _with_levels(
        lambda canvas, draw: canvas.left_by_cycles(left * places(kind, CYCLES, draw, further)), further
    )


def _jump(jump_bytes: float) -> Maker:
    return _with_levels(
        lambda canvas, draw: jump_bytes * (canvas.cycle > draw.integers(1, CYCLES)), FURTHER_CYCLES
    )


def _first_growth(growth_bytes: float) -> Maker:
    more = growth_bytes - _HEALTHY.loaded_bytes
    return _with_levels(lambda canvas, _: more * (canvas.calls_made > 0))


def _job_outlives_its_call(loaded_bytes: float, job_bytes: float) -> Maker:
    """Let a job with all its imports stay over the rest after the first call, beside what was loaded for good."""

    def make(draw: Draw) -> Recording:
        canvas = full()
        there = np.array([float(span.name == AFTER_FIRST) for span in canvas.spans])
        none = np.zeros(len(canvas.spans))
        extra = (loaded_bytes - _HEALTHY.loaded_bytes) * (canvas.calls_made > 0) + job_bytes * there
        return memory_run(draw, extra[canvas.phase_of_sample], kept=Kept(there, none, none, none, none))

    return make


def _peaks(kind: Kind, peak_bytes: float, peak_s: float) -> Maker:
    """Let calls of the crowds take so much for a moment while they talk."""

    def make(draw: Draw) -> Recording:
        canvas = full()
        crowded = [span for span in canvas.spans if span.concurrent_calls >= _CROWDED]
        talking = [span for span in crowded for _ in range(span.concurrent_calls)]
        extra = np.zeros(len(canvas.t))
        for span, peaks in zip(talking, places(kind, len(talking), draw), strict=True):
            begin_t = span.begin_t + draw.uniform(3.5, 9.0)
            if peaks:
                extra[(canvas.t >= begin_t) & (canvas.t < begin_t + peak_s)] = peak_bytes
        return memory_run(draw, extra)

    return make


def _collection(more_bytes: Callable[[Values], Values]) -> Maker:
    """Draw runs with another variant `forced-gc`; the bytes are given by the seconds since the collection."""
    since_s = variant("forced-gc").t - variant("forced-gc").part.log[-1].t
    return lambda draw: with_variant(full().part, "forced-gc", draw, more_bytes(since_s))


def _gives_back(given_bytes: float) -> Callable[[Values], Values]:
    return lambda since_s: (given_bytes - _HEALTHY.garbage_bytes) * (since_s <= 1)


def _drifts(since_s: Values) -> Values:
    """Lose 1.5 MB in every second, whatever the monitor does."""
    drift: Values = _gives_back(0)(since_s) - 1.5 * MB * since_s
    return drift


def _leftovers(kind: Kind, what: str, each: float, in_all: float = 0) -> Maker:
    """Let the chosen calls leave so many of something behind, or share out between them what they leave in all."""

    def make(draw: Draw) -> Recording:
        canvas = full()
        chosen = _later_calls(kind, canvas, draw)
        none: Values = np.zeros(len(canvas.spans))
        kept = dict.fromkeys(("jobs", "threads", "descriptors", "sockets", "files"), none)
        kept[what] = canvas.left_by_calls(chosen * (each + in_all / chosen.sum())) + 1e-6
        return memory_run(draw, kept=Kept(**kept))

    return make


def _jobs_stay(*, leaking: bool) -> Maker:
    """Let each call's job be there in the next rest, but for those that wait until its room is gone; one call may leave a process for good."""
    waited = {
        step.phase
        for step in SCENARIOS["full"].steps
        if isinstance(step, Rest | Quiet) and step.until_rooms_gone
    }

    def make(draw: Draw) -> Recording:
        canvas = full()
        stays = [span.concurrent_calls == 0 and span.name not in (BASELINE, *waited) for span in canvas.spans]
        left = np.zeros(canvas.calls)
        left[draw.integers(1, canvas.calls)] = float(leaking)
        none = np.zeros(len(canvas.spans))
        return memory_run(
            draw, kept=Kept(np.array(stays, float) + canvas.left_by_calls(left), none, none, none, none)
        )

    return make


def _rooms_stay(draw: Draw) -> Recording:
    recording = memory_run(draw)
    last = recording.rooms[-1]
    return replace(recording, rooms=(*recording.rooms[:-1], replace(last, names=("room-05", *last.names))))


def _disk(written_bytes: float, left_bytes: float) -> Maker:
    first, last = full().part.disks
    changed = replace(last, written_bytes=int(written_bytes), free_bytes=int(left_bytes))
    return lambda _: replace(full().part, disks=(first, changed))


def _saving(saved_of_weights: float) -> Maker:
    """Draw runs whose variant `unshared` costs so much more per call than sharing does, as a part of the weights."""
    cost = _HEALTHY.per_call_bytes + saved_of_weights * _HEALTHY.loaded_bytes

    def make(draw: Draw) -> Recording:
        canvas = variant("unshared")
        more = np.full(canvas.calls, cost - _HEALTHY.unshared_per_call_bytes)
        return with_variant(memory_run(draw), "unshared", draw, canvas.while_up(more)[canvas.phase_of_sample])

    return make


_C5, _C6, _C7 = _LIMITS.extra_connection_bytes, _LIMITS.cycle_growth_bytes, _LIMITS.total_bytes
_EVERY: Mapping[Kind, int] = {"intermittent": 4, "slow-tailed": 5}
"""Of so many calls one leaks as much as all of them would, where not every call leaks."""


def _memory() -> Iterable[Agent]:
    yield Agent("C4", "steady", "the first call adds 4 GB", _first_growth(2 * _LIMITS.first_growth_bytes))
    half = _LIMITS.first_growth_of_weights / 2 * _HEALTHY.loaded_bytes
    yield Agent("C4", "steady", "the first call adds 40 % of the weights", _first_growth(half))
    weights, imports = _HEALTHY.loaded_bytes, 750 * MB
    what = "the first call's job, 750 MB of imports, outlives it"
    yield Agent("C4", "long job", what, _job_outlives_its_call(2 * weights, imports), good=True)
    yield Agent("C4", "steady", f"{what}; nothing is loaded", _job_outlives_its_call(0, imports))
    yield Agent("C5", "half the limit", "a call costs 50 MB", _dear_calls("steady", _C5 // 2), good=True)
    for kind in LIVING:
        yield Agent("C5", kind, f"a call costs 200 MB, {KINDS[kind]}", _dear_calls(kind, 2 * _C5))
    what = "the fourth and fifth of five calls at once cost 200 MB"
    yield Agent("C5", "crowd", what, _with_levels(_dear_crowd))
    yield Agent("C6", "half the limit", "0.5 MB stay after every call", _leak("steady", _C6 / 2), good=True)
    yield Agent("C6", "one jump", "20 MB stay once, after any call", _jump(20 * MB), good=True)
    for kind in LIVING:
        every = _EVERY.get(kind, 1)
        what = f"{2 * every} MB stay, {KINDS[kind]}"
        yield Agent("C6", kind, what, _leak(kind, 2 * _C6, every))
    what = f"10 MB stay, {KINDS['slow-tailed']}; without variants there is time for 30 cycles"
    yield Agent("C6", "slow-tailed", what, _leak("slow-tailed", 2 * _C6, 5, SCENARIOS["full"].more_cycles))
    left = 2.0 * _LIMITS.return_bytes
    crowd = _with_levels(lambda canvas, _: left * (canvas.calls_made >= 10), FURTHER_CYCLES)
    yield Agent("C6", "crowd", "five calls at once leave 200 MB", crowd)
    for kind in ("steady", "intermittent", "late"):
        yield Agent("C7", kind, f"6 GB for 0.6 s, {KINDS[kind]} of the crowds", _peaks(kind, 2 * _C7, 0.6))


def _variants() -> Iterable[Agent]:
    yield Agent("G6", "healthy", "20 MB of garbage", _collection(_gives_back(20 * MB)), good=True)
    little = _collection(_gives_back(10 * MB))
    yield Agent("G6", "little garbage", "10 MB of garbage", little, good=True, shown_only=True)
    yield Agent("G6", "steady", "nothing is given back", _collection(_gives_back(0)))
    what = "nothing is given back; 1.5 MB are lost in every second anyway"
    yield Agent("G6", "drift", what, _collection(_drifts))
    half = _LIMITS.benefit_of_weights / 2
    yield Agent("G10", "steady", "sharing saves 40 % of the weights with every call", _saving(half))


def _leaves() -> Iterable[Agent]:
    for kind in LIVING:
        yield Agent("G7", kind, f"a process stays, {KINDS[kind]}", _leftovers(kind, "jobs", 1))
    for what, name, most in (
        ("threads", "threads", _LIMITS.cleanup_threads),
        ("open files", "descriptors", _LIMITS.cleanup_descriptors),
        ("sockets", "sockets", _LIMITS.cleanup_sockets),
        ("temporary files", "files", _LIMITS.cleanup_leftovers),
    ):
        stay = f"{2 * most} {what} stay in all, {KINDS['late']}"
        yield Agent("G7", "late", stay, _leftovers("late", name, 0, 2 * most))
    what = "a job stays for 20 s, as LiveKit's do"
    yield Agent("G7", "long job", what, _jobs_stay(leaking=False), good=True)
    yield Agent("G7", "long job", f"{what}, and one process for good", _jobs_stay(leaking=True))
    yield Agent("G7", "steady", "a room stays open", _rooms_stay)
    plenty = 50_000 * MB
    yield Agent("G8", "steady", "the run writes 400 MB", _disk(2 * _LIMITS.run_bytes, plenty))
    yield Agent("G8", "steady", "25 MB are left on the disk", _disk(4 * MB, _LIMITS.disk_left_bytes / 2))


def memory_agents() -> tuple[Agent, ...]:
    """List them all."""
    return (*_memory(), *_variants(), *_leaves())
