"""Whether a disk has room for what is about to be written."""

import shutil
from collections.abc import Callable
from pathlib import Path

Progress = Callable[[str], None]
"""What tells the user how far something is."""

WARN_BELOW_FREE = 0.10


class DiskSpaceError(Exception):
    """Too little free disk for the work; the message says how much there is and how much is needed."""


def require_space(folder: Path, needed_bytes: int, purpose: str, warn: Callable[[str], None]) -> None:
    """Refuse when the disk under a folder (which need not exist yet) is too small, warn when it is nearly full.

    Raises DiskSpaceError.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(existing)
    warning = judge_space(usage.free, usage.total, needed_bytes, f"{purpose} in {folder}")
    if warning:
        warn(warning)


def judge_space(free_bytes: int, total_bytes: int, needed_bytes: int, purpose: str) -> str | None:
    """Say what to warn about, if anything, when so many bytes are written for a purpose.

    Raises DiskSpaceError when they do not fit.
    """
    free = f"{_gigabytes(free_bytes)} of {_gigabytes(total_bytes)} are free"
    if needed_bytes > free_bytes:
        raise DiskSpaceError(f"{purpose} needs {_gigabytes(needed_bytes)}, but only {free}. Make room first.")
    if free_bytes - needed_bytes < WARN_BELOW_FREE * total_bytes:
        return f"{purpose} leaves less than {WARN_BELOW_FREE:.0%} of the disk free ({free} now)"
    return None


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB"
