"""How many processors this process may use: those it is bound to, and not more than its control groups allow."""

import os
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def usable_cores(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> int:
    """Count the cores that are worth a thread each, at least one.

    A quota (Docker's `--cpus`, a pod's limit) counts in whole cores: half a core's time for one more thread costs
    more than it gives, because all threads stand still when the quota of a period is used up.
    """
    bound = len(os.sched_getaffinity(0))
    quotas = [quota for folder in _groups(root, membership) if (quota := _quota_cores(folder)) is not None]
    return max(1, min([bound, *map(int, quotas)]))


def _groups(root: Path, membership: Path) -> Iterator[Path]:
    """Walk from this process's own control group outwards: version 2's tree, and version 1's tree of `cpu`."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" or "cpu" in controllers.split(","):
            tree = root if number == "0" else root / "cpu"
            folder = tree / path.lstrip("/")
            yield from (one for one in (folder, *folder.parents) if one.is_relative_to(tree))


def _quota_cores(folder: Path) -> float | None:
    """Read a group's limit in either version's files; None where there is none."""
    try:
        if (folder / "cpu.max").is_file():
            quota, _, period = (folder / "cpu.max").read_text(encoding="ascii").strip().partition(" ")
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
        return None if quota in ("max", "-1") else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None
