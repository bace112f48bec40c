"""Memory of every process below a root: proportional, unique and resident set size, threads, descriptors, CPU time.

The sum of the proportional sizes (PSS) is what the tree costs the machine: pages that several processes share
are counted once. Resident sizes count them once per process.
"""

import contextlib
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from voicegate.agent_section import RoleRule
from voicegate.record.call_sockets import CallSockets
from voicegate.record.events import MemorySample, ProcessMemory
from voicegate.record.recording import Clock
from voicegate.record.traces import SharedMemory, files_in, left_of

MAIN = "main"
OTHER = "other"
_SOCKET = "socket:["


@dataclass(frozen=True, slots=True)
class _Known:
    """What of a process does not change while it lives."""

    process: psutil.Process
    role: str
    name: str


class ProcessTree:
    """Samples all processes below `holder_pid`, which is itself left out; `main_pid` is the agent's first process.

    The holder is a subreaper: what loses its parent in the tree becomes its child and is still found. An agent that was
    not started by the gate has none: it is its own holder and belongs to the tree, as does what was in it once and still
    lives. Without any PID there is nothing to sample. `server_port` is the LiveKit server's, `temporary` the agent's folder for temporary files.
    """

    def __init__(
        self,
        holder_pid: int | None,
        main_pid: int | None,
        rules: Sequence[RoleRule],
        clock: Clock,
        server_port: int | None = None,
        temporary: Path | None = None,
    ) -> None:
        self._holder = None if holder_pid is None else _living(holder_pid)
        self._main_pid = main_pid
        self._rules = tuple(rules)
        self._clock = clock
        self._call_sockets = CallSockets(server_port, clock)
        self._temporary = temporary
        self._shared = SharedMemory()
        self._known: dict[int, _Known] = {}

    def sample(self) -> MemorySample:
        """Read every process once.

        A process that ends meanwhile is left out, and one that has ended and waits to be collected is only named. One that lives and cannot
        be read makes the sample incomplete, as its memory is missing from every sum.
        """
        t = self._clock()
        began = time.perf_counter()
        processes: list[ProcessMemory] = []
        zombies: list[str] = []
        complete = True
        known: dict[int, _Known] = {}
        for process in self._living():
            try:
                entry = self._identify(process)
                known[process.pid] = entry
                processes.append(_read(entry, self._call_sockets, self._shared))
            except psutil.ZombieProcess:
                zombies.append(_named(process))
            except psutil.NoSuchProcess:
                continue
            except psutil.AccessDenied:
                complete = False
        self._known = known
        return MemorySample(
            t,
            time.perf_counter() - began,
            tuple(processes),
            complete,
            zombies=None if self._holder is None else left_of(zombies),
            temporary=None if self._temporary is None else files_in(self._temporary),
            shared=None if self._holder is None else self._shared.left(),
        )

    def _living(self) -> list[psutil.Process]:
        if self._holder is None:
            return []
        try:
            below = self._holder.children(recursive=True)
        except psutil.NoSuchProcess:
            below = []
        if self._holder.pid != self._main_pid:
            return below
        orphans = {entry.process for entry in self._known.values()} - {self._holder, *below}
        return [self._holder, *below, *(orphan for orphan in orphans if orphan.is_running())]

    def _identify(self, process: psutil.Process) -> _Known:
        """Look up the role of a process; a command line is read once, as a fork may still become something else."""
        entry = self._known.get(process.pid)
        if entry is not None and entry.process == process and entry.role != OTHER:
            return entry
        return _Known(process, self._role(process), process.name())

    def _role(self, process: psutil.Process) -> str:
        if process.pid == self._main_pid:
            return MAIN
        command = " ".join(process.cmdline())
        for rule in self._rules:
            if re.search(rule.command, command) and (
                rule.parent is None or self._parent_matches(process, rule.parent)
            ):
                return rule.role
        return OTHER

    def _parent_matches(self, process: psutil.Process, pattern: str) -> bool:
        parent = process.parent()
        return parent is not None and re.search(pattern, " ".join(parent.cmdline())) is not None


def _living(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _named(process: psutil.Process) -> str:
    """Name a process that has ended; one that is collected meanwhile has no name left."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return f"{process.name()} (PID {process.pid})"
    return f"PID {process.pid}"


def _read(entry: _Known, call_sockets: CallSockets, shared: SharedMemory) -> ProcessMemory:
    process = entry.process
    with process.oneshot():
        if process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.ZombieProcess(process.pid)
        memory = process.memory_full_info()
        opened = _open_files(process.pid)
        shared.note(opened)
        sockets = [name for name in opened if name.startswith(_SOCKET)]
        seen = call_sockets.seen_by(process.pid)
        cpu = process.cpu_times()
        return ProcessMemory(
            pid=process.pid,
            ppid=process.ppid(),
            role=entry.role,
            name=entry.name,
            pss_bytes=memory.pss,
            uss_bytes=memory.uss,
            rss_bytes=memory.rss,
            threads=process.num_threads(),
            descriptors=len(opened),
            sockets=len(sockets),
            cpu_s=cpu.user + cpu.system,
            call_sockets=None if seen is None else sum(name[len(_SOCKET) : -1] in seen for name in sockets),
        )


def _open_files(pid: int) -> list[str]:
    """List what each descriptor of a process leads to. Raises psutil's errors."""
    folder = f"/proc/{pid}/fd"
    found: list[str] = []
    try:
        names = os.listdir(folder)  # noqa: PTH208 - every half second for each process: no paths are made of it
    except (FileNotFoundError, ProcessLookupError):
        raise psutil.NoSuchProcess(pid) from None
    except PermissionError:
        raise psutil.AccessDenied(pid) from None
    for name in names:
        with contextlib.suppress(OSError):  # closed meanwhile
            found.append(os.readlink(f"{folder}/{name}"))  # noqa: PTH115 - likewise
    return found
