"""Who used the processors during a stretch of a recording, in cores: 1.0 is one core all of the time; pure."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from voicegate.record.events import CpuSample, MemorySample, Recording
from voicegate.record.processor_time import CALLERS, GATE, SERVER

_Sampled = TypeVar("_Sampled", MemorySample, CpuSample)

MOST = 0.5
"""From this part of the cores on, what comes late is the doing of whoever used them."""

ELSEWHERE = "elsewhere"
"""What is used by nobody of the run: other work on the machine, and the machine itself."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Cores that `agent` used by the role of its processes, and `others` by name; empty where nothing was read.

    `busiest` is the process of the agent that used most, as its role and its cores. `available` are the cores that were there,
    `busy` those in use, None if not known.
    """

    agent: Mapping[str, float] = field(default_factory=dict)
    busiest: tuple[str, float] | None = None
    others: Mapping[str, float] = field(default_factory=dict)
    available: float | None = None
    busy: float | None = None

    @property
    def agent_total(self) -> float:
        """What the whole agent used."""
        return sum(self.agent.values())


def usage_between(recording: Recording, begin_t: float, end_t: float) -> Usage:
    """Measure from the last sample before the stretch, or the first in it, to the last in it."""
    return _usage(recording, begin_t, end_t, lambda _: True)


def usage_during(recording: Recording, stretches: Sequence[tuple[float, float]]) -> Usage:
    """Measure while any of these stretches lasted, as exactly as samples tell.

    The mean over minutes hides what matters for a wait: the cores may be full whenever somebody waits, and idle between.
    """
    begin_t = min((begin for begin, _ in stretches), default=0.0)
    end_t = max((end for _, end in stretches), default=0.0)
    return _usage(recording, begin_t, end_t, lambda t: any(begin <= t < end for begin, end in stretches))


def late_advice(recording: Recording, begin_t: float, end_t: float) -> str:
    """Say what to do about samples that came late in this stretch: the agent itself kept the machine busy, or something else did."""
    used = usage_between(recording, begin_t, end_t)
    if used.available is not None and used.agent_total > MOST * used.available:
        cores = f"{used.agent_total:.1f} of {used.available:g} cores"
        return f"the samples came late because the agent itself used {cores}: give it more cores, or less to compute at that time"
    return "the samples came late: run again with less other work on the machine, or with more cores for the agent"


def called(name: str) -> str:
    """Say the name of a user of processors as a reader would."""
    return {
        SERVER: "the LiveKit server",
        CALLERS: "the callers",
        GATE: "the gate",
        ELSEWHERE: "other work on the machine",
        "main": "the main process",
        "model-host": "the model host",
        "job": "the processes of calls",
    }.get(name, f"{name} processes")


def _usage(recording: Recording, begin_t: float, end_t: float, counts: Callable[[float], bool]) -> Usage:
    """Add up the steps from sample to sample whose middle counts."""
    by_process = _by_process(_around(recording.memory, begin_t, end_t), counts)
    agent: dict[str, float] = {}
    for role, cores in by_process:
        agent[role] = agent.get(role, 0.0) + cores
    busiest = max(by_process, key=lambda one: one[1], default=None)
    looks = _around(recording.processors, begin_t, end_t)
    steps = [(one, other) for one, other in pairwise(looks) if counts((one.t + other.t) / 2)]
    if not steps:
        return Usage(agent, busiest)
    for_s = sum(after.t - before.t for before, after in steps)
    busy = sum(after.busy_s - before.busy_s for before, after in steps) / for_s
    others: dict[str, float] = {}
    for before, after in steps:
        for name, used_s in after.used_s.items():
            own_s = max(0.0, used_s - before.used_s.get(name, 0.0))
            others[name] = others.get(name, 0.0) + own_s / for_s
    others[ELSEWHERE] = max(0.0, busy - sum(agent.values()) - sum(others.values()))
    return Usage(agent, busiest, others, steps[-1][1].cores, busy)


def _around(samples: Sequence[_Sampled], begin_t: float, end_t: float) -> Sequence[_Sampled]:
    first = max(0, bisect_right(samples, begin_t, key=lambda sample: sample.t) - 1)
    return samples[first : bisect_right(samples, end_t, key=lambda sample: sample.t)]


def _by_process(samples: Sequence[MemorySample], counts: Callable[[float], bool]) -> list[tuple[str, float]]:
    """Give role and cores of each process; one that began between two samples has used nothing before."""
    known_s = {one.pid: one.cpu_s for one in samples[0].processes} if samples else {}
    used: dict[int, tuple[str, float]] = {}
    for_s = 0.0
    for before, after in pairwise(samples):
        counted = counts((before.t + after.t) / 2)
        for_s += (after.t - before.t) * counted
        for process in after.processes:
            if process.cpu_s is None:
                continue
            step_s = max(0.0, process.cpu_s - (known_s.get(process.pid) or 0.0))
            known_s[process.pid] = process.cpu_s
            if counted:
                used[process.pid] = (process.role, used.get(process.pid, ("", 0.0))[1] + step_s)
    return [(role, used_s / for_s) for role, used_s in used.values()]
