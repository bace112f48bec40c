"""Who used the processors during a stretch of a recording, in cores: 1.0 is one core all of the time; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from verification.record.events import MemorySample, Processors, Recording
from verification.record.processor_time import CALLERS, GATE, SERVER

_Sampled = TypeVar("_Sampled", MemorySample, Processors)

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
    by_process = _by_process(_around(recording.memory, begin_t, end_t))
    agent: dict[str, float] = {}
    for role, cores in by_process:
        agent[role] = agent.get(role, 0.0) + cores
    looks = _around(recording.processors, begin_t, end_t)
    busiest = max(by_process, key=lambda one: one[1], default=None)
    if len(looks) < 2:
        return Usage(agent, busiest)
    first, last = looks[0], looks[-1]
    for_s = last.t - first.t
    busy = (last.busy_s - first.busy_s) / for_s
    others = {name: max(0.0, last.used_s[name] - first.used_s.get(name, 0.0)) / for_s for name in last.used_s}
    others[ELSEWHERE] = max(0.0, busy - sum(agent.values()) - sum(others.values()))
    return Usage(agent, busiest, others, last.cores, busy)


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


def _around(samples: Sequence[_Sampled], begin_t: float, end_t: float) -> Sequence[_Sampled]:
    first = max(0, sum(sample.t <= begin_t for sample in samples) - 1)
    return [sample for sample in samples[first:] if sample.t <= end_t]


def _by_process(samples: Sequence[MemorySample]) -> list[tuple[str, float]]:
    """Give role and cores of each process; one that began in the stretch has used nothing before it."""
    if len(samples) < 2:
        return []
    for_s = samples[-1].t - samples[0].t
    base_s: dict[int, float] = {}
    last: dict[int, tuple[str, float]] = {}
    for number, sample in enumerate(samples):
        for process in sample.processes:
            if process.cpu_s is None:
                continue
            base_s.setdefault(process.pid, process.cpu_s if number == 0 else 0.0)
            last[process.pid] = (process.role, process.cpu_s)
    return [(role, max(0.0, used_s - base_s[pid]) / for_s) for pid, (role, used_s) in last.items()]
