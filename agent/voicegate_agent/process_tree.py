"""The memory of a process and everything it started, in proportional shares (PSS), so that shared pages count once."""

from collections.abc import Iterator

import psutil


def tree_memory_bytes(pid: int) -> int:
    """Sum the PSS of a process and all its descendants, in bytes.

    Processes that end while they are read count as nothing. Raises psutil.NoSuchProcess when the root is gone.
    """
    root = psutil.Process(pid)
    return sum(_pss_bytes(process) for process in (root, *root.children(recursive=True)))


def descendants(pid: int) -> Iterator[psutil.Process]:
    """Every living process below this one."""
    yield from psutil.Process(pid).children(recursive=True)


def _pss_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
