"""Events about the machine and the processes on it: memory, processor time, rooms, disks, starts and ends."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    """Memory of one process of the agent's tree. `role`: see `process_tree.py`; bytes.

    `descriptors` are all open files, `sockets` those of them that are sockets, None if they were not counted. `cpu_s` are the
    seconds of CPU time it has used since it began, on behalf of itself and the kernel; None if that was not read. `call_sockets`
    are those of its sockets that may carry calls: see `call_sockets.py`; None if they could not be told.
    """

    pid: int
    ppid: int
    role: str  # "main", "model-host", "job", "other"
    name: str
    pss_bytes: int
    uss_bytes: int
    rss_bytes: int
    threads: int
    descriptors: int
    sockets: int | None = None
    cpu_s: float | None = None
    call_sockets: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """How many there are of something that may outlive a process, and what some of them are called, the newest first."""

    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemorySample:
    """All processes of the agent's tree at one time.

    `complete` is False when a living process could not be read; one that ended while sampling is left out.
    `duration_s` is how long the sampling took. `zombies` are processes that ended and that nobody collected, `temporary` is
    what lies in the agent's own temporary folder, and `shared` the shared memory that it opened and that is still there; each is
    None where it was not looked at.
    """

    t: float
    duration_s: float
    processes: tuple[ProcessMemory, ...]
    complete: bool = True
    zombies: Left | None = None
    temporary: Left | None = None
    shared: Left | None = None
    kind: Literal["memory"] = "memory"


GATE_CALLERS = "gate"
"""What the process is called in which the callers of a scenario live: the gate's own."""


@dataclass(frozen=True, slots=True)
class CallerProcessSample:
    """How a process that callers live in kept up, over the time since the last such event of its own.

    `cores` is the CPU time it used per second, 1.0 being one core; `lag_s` how late its event loop was at worst.
    """

    t: float
    process: str  # unique within the recording
    calls: int  # that it holds now
    cores: float
    lag_s: float
    kind: Literal["callers"] = "callers"


@dataclass(frozen=True, slots=True)
class CpuSample:
    """What the processors did until now. `cores` may be used by this run and all that goes on beside it.

    `busy_s` is the CPU time of everybody on them, `used_s` that of parts of the run outside the agent, by name: both grow, and
    only differences mean something.
    """

    t: float
    cores: float
    busy_s: float
    used_s: dict[str, float]
    kind: Literal["processors"] = "processors"


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of this run's callers that were open on the LiveKit server at one time, by name."""

    t: float
    names: tuple[str, ...]
    kind: Literal["rooms"] = "rooms"


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on the disk below a path at one time; bytes. `purpose` says what is written there.

    `written_bytes` is what the run's own folder holds, None where that is not the path (or was not measured, until version 3).
    """

    t: float
    purpose: Literal["report", "models"]
    path: str
    free_bytes: int
    total_bytes: int
    written_bytes: int | None = None
    kind: Literal["disk"] = "disk"


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """A process of the run started or ended: the LiveKit server or the agent."""

    t: float
    what: Literal["livekit-server", "agent"]
    step: Literal["started", "ready", "stopped", "died"]
    pid: int
    exit_code: int | None = None
    kind: Literal["process"] = "process"
