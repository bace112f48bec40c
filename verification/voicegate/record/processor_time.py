"""How much processor there is, and who used it: this machine's cores, as far as affinity and control groups give them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from voicegate.record.events import Processors
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
    """Samples the processors. What this process starts from now on is called `callers`; `server_pid` holds the server.

    The agent is left out: the samples of its memory tell what each of its processes used.
    """

    def __init__(self, server_pid: int | None, clock: Clock) -> None:
        self._clock = clock
        self._server_pid = server_pid
        self._own = psutil.Process()
        self._known = {child.pid for child in self._own.children()}
        self._cpus = os.sched_getaffinity(0)
        self._quota = tightest_quota(_CGROUPS, Path("/proc/self/cgroup"), len(self._cpus))
        self._ended_s = 0.0
        self._callers: dict[int, float] = {}

    def sample(self) -> Processors:
        """Read everything once; a process that ended keeps what it was last seen to have used."""
        children = self._own.children()
        callers = [child for child in children if child.pid not in self._known]
        used_s = {CALLERS: self._callers_s(callers), GATE: _seconds(self._own)}
        for child in children:
            if child.pid == self._server_pid:
                used_s[SERVER] = sum(map(_seconds, _tree(child)))
        if self._quota is not None:
            return Processors(self._clock(), self._quota.cores, _quota_used_s(self._quota), used_s)
        return Processors(self._clock(), len(self._cpus), self._busy_s(), used_s)

    def _callers_s(self, roots: list[psutil.Process]) -> float:
        now = {one.pid: _seconds(one) for root in roots for one in _tree(root)}
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


def _tree(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
