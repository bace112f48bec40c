"""What processes may leave behind beside themselves: children that nobody collected, temporary files, shared memory."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from voicegate.record.events import Left

SHARED_MEMORY = Path("/dev/shm")
_NAMES = 5
MOST_FILES = 2_000
"""More of them are not counted: a sample is to be quick."""
_DELETED = " (deleted)"


def left_of(names: Iterable[str]) -> Left:
    """Count what there is, the newest first."""
    every = tuple(names)
    return Left(len(every), every[:_NAMES])


def files_in(folder: Path) -> Left:
    """Count the files and folders below a folder, up to 2,000 of them; one that goes meanwhile is left out."""
    found: list[tuple[float, str]] = []
    folders = [str(folder)]
    while folders and len(found) < MOST_FILES:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    found.append(
                        (entry.stat(follow_symlinks=False).st_mtime, os.path.relpath(entry.path, folder))
                    )
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return left_of(name for _, name in sorted(found, reverse=True)[:MOST_FILES])


class SharedMemory:
    """Shared memory in /dev/shm that processes of a tree were seen to have open, for as long as it is there.

    What others made there is not counted; nor is what was mapped and closed again before it could be seen.
    """

    def __init__(self, folder: Path = SHARED_MEMORY) -> None:
        self._folder = folder
        self._seen: dict[str, None] = {}

    def note(self, opened: Iterable[str]) -> None:
        """Take what a process has open: what its descriptors lead to."""
        prefix = f"{self._folder}/"
        for path in opened:
            if path.startswith(prefix) and not path.endswith(_DELETED):
                self._seen.setdefault(path.removeprefix(prefix))

    def left(self) -> Left:
        """Count what is still there of all that was seen."""
        self._seen = {name: None for name in self._seen if (self._folder / name).exists()}
        return left_of(reversed(self._seen))
