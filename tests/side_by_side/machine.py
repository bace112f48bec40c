"""How much of the machine other programs used while something was measured."""

import contextlib
import time
from dataclasses import dataclass

import psutil

_BUSY_FIELDS = ("user", "nice", "system", "irq", "softirq", "steal")
_OWN_FIELDS = ("user", "system", "children_user", "children_system")


@dataclass(frozen=True, slots=True)
class CpuUse:
    """CPU seconds until a time `t`: of the whole machine, and of this process with its descendants."""

    t: float
    machine_s: float
    own_s: float


def cpu_use() -> CpuUse:
    """Read what was used until now; descendants that ended count with those that waited for them."""
    me = psutil.Process()
    own_s = 0.0
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            own_s += _sum(process.cpu_times(), _OWN_FIELDS)
    return CpuUse(time.perf_counter(), _sum(psutil.cpu_times(), _BUSY_FIELDS), own_s)


def others_share(before: CpuUse, after: CpuUse, cores: int) -> float:
    """Give the share of all cores that others used in between, 0 to 1."""
    others_s = (after.machine_s - before.machine_s) - (after.own_s - before.own_s)
    return min(1.0, max(0.0, others_s / (after.t - before.t) / cores))


def _sum(times: object, fields: tuple[str, ...]) -> float:
    return sum(getattr(times, field, 0.0) for field in fields)
