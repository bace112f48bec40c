"""How much processor there is, and who used it: this machine's cores, as far as affinity and control groups give them."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from voicegate.record.events import CpuSample
from voicegate.record.recording import Clock

SERVER, CALLERS, GATE = "livekit-server", "callers", "gate"

_CGROUPS = Path("/sys/fs/cgroup")
_IDLE = ("idle", "iowait", "guest", "guest_nice")  # a guest's time is counted as user time too


@dataclass(frozen=True, slots=True)
class Quota:
    """A control group that may use so many cores, and the folder that tells what it has used."""

    cores: float
    folder: Path


class ProcessorTime:
    """Samples the processors. What the gate starts from now on is called `callers`; `server_pid` holds the server.

    The process that samples counts as the gate. The agent is left out: the samples of its memory tell what each of its
    processes used.
    """

    def __init__(self, gate_pid: int, server_pid: int | None, clock: Clock) -> None:
        self._clock = clock
        self._server_pid = server_pid
        self._gate = psutil.Process(gate_pid)
        self._sampler = psutil.Process()
        self._known = set(_below(self._gate))
        self._cpus = os.sched_getaffinity(0)
        self._quota = tightest_quota(_CGROUPS, Path("/proc/self/cgroup"), len(self._cpus))
        self._ended_s = 0.0
        self._callers: dict[int, float] = {}

    def sample(self) -> CpuSample:
        """Read everything once; a process that ended keeps what it was last seen to have used."""
        trees = _below(self._gate)
        callers = [one for pid, tree in trees.items() if pid not in self._known for one in tree]
        gate = {self._gate, self._sampler}
        used_s = {CALLERS: self._callers_s(callers), GATE: sum(map(_seconds, gate))}
        if self._server_pid in trees:
            used_s[SERVER] = sum(map(_seconds, trees[self._server_pid]))
        if self._quota is not None:
            return CpuSample(self._clock(), self._quota.cores, _quota_used_s(self._quota), used_s)
        return CpuSample(self._clock(), len(self._cpus), self._busy_s(), used_s)

    def _callers_s(self, living: Iterable[psutil.Process]) -> float:
        now = {one.pid: _seconds(one) for one in living}
        self._ended_s += sum(used_s for pid, used_s in self._callers.items() if pid not in now)
        self._callers = now
        return self._ended_s + sum(now.values())

    def _busy_s(self) -> float:
        each = psutil.cpu_times(percpu=True)
        times = [each[cpu]._asdict() for cpu in self._cpus if cpu < len(each)]
        return float(sum(used_s for one in times for name, used_s in one.items() if name not in _IDLE))


def tightest_quota(root: Path, membership: Path, cores: int) -> Quota | None:
    """Find the control group (version 2) around this process that may use the fewest cores; None if none has fewer than these."""
    quotas = [quota for folder in _groups(root, membership) if (quota := _quota(folder)) is not None]
    tightest = min(quotas, key=lambda quota: quota.cores, default=None)
    return tightest if tightest is not None and tightest.cores < cores else None


def _groups(root: Path, membership: Path) -> Iterator[Path]:
    """Walk from this process's own group outwards."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        if line.startswith("0::/"):
            folder = root / line.removeprefix("0::/")
            yield folder
            yield from (parent for parent in folder.parents if parent.is_relative_to(root))


def _quota(folder: Path) -> Quota | None:
    try:
        quota, _, period = (folder / "cpu.max").read_text(encoding="ascii").strip().partition(" ")
        return None if quota == "max" else Quota(int(quota) / int(period), folder)
    except (OSError, ValueError):
        return None


def _quota_used_s(quota: Quota) -> float:
    for line in (quota.folder / "cpu.stat").read_text(encoding="ascii").splitlines():
        if line.startswith("usage_usec "):
            return int(line.split()[1]) / 1e6
    return 0.0


def _below(gate: psutil.Process) -> Mapping[int | None, Sequence[psutil.Process]]:
    """List the trees of the gate's children, by the child's PID: parents come before what is below them."""
    trees: dict[int | None, list[psutil.Process]] = {}
    root_of: dict[int, int] = {}
    with contextlib.suppress(psutil.Error):
        for process in gate.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                root = root_of.get(process.ppid(), process.pid)
                root_of[process.pid] = root
                trees.setdefault(root, []).append(process)
    return trees


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
