"""Room on the disk: made sure of before anything is started, and recorded."""

import shutil
import stat
from pathlib import Path
from typing import Literal

from voicegate.drive.errors import DriveError
from voicegate.record.events import Disk

NEEDED_BYTES = 200_000_000


class DiskError(DriveError):
    """There is no place for the recording."""


def make_folder(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Make the folder of a run. Raises DiskError when less than `needed_bytes` are free there, or it cannot be made."""
    existing = existing_part(folder)
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes:
        raise DiskError(
            f"{existing}: {free_bytes / 1e6:.0f} MB free, and a recording with its audio may need "
            f"{needed_bytes / 1e6:.0f} MB. Free some space, or write the report elsewhere."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"{folder}: cannot make this folder: {error.strerror}") from error


def measure_disk(purpose: Literal["report", "models"], folder: Path, t: float) -> Disk:
    """Measure the room below a folder, or below what of its path there is so far; and what a report's folder takes."""
    room = shutil.disk_usage(existing_part(folder))
    written_bytes = size_of(folder) if purpose == "report" else None
    return Disk(t, purpose, str(folder), room.free, room.total, written_bytes)


def size_of(folder: Path) -> int:
    """Sum the sizes of all files below a folder; one that vanishes meanwhile counts nothing."""
    size_bytes = 0
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
        except OSError:
            continue
        size_bytes += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return size_bytes


def existing_part(folder: Path) -> Path:
    """Give what of a folder's path there is so far."""
    return next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
