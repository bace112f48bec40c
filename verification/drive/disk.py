"""Making room for a recording before anything is started."""

import shutil
from pathlib import Path

from verification.drive.errors import DriveError

NEEDED_BYTES = 200_000_000


class DiskError(DriveError):
    """There is no place for the recording."""


def make_folder(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Make the folder of a run. Raises DiskError when less than `needed_bytes` are free there, or it cannot be made."""
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
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
