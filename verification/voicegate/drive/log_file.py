"""A log file that somebody else writes: what is added to it, from its present end on."""

import os
from collections import deque
from pathlib import Path
from typing import BinaryIO

from voicegate.drive.errors import DriveError

_CHUNK_BYTES = 1 << 16
_OLD_FILES = 3


class LogFileError(DriveError):
    """A log file that cannot be read; the message names it and the reason."""


class LogFile:
    """Reads on where the file ends now, and from the start of a file that appears later.

    A file that is put in its place (rotation) is read from its start once the old one is read to its end. Whoever has the old one open
    may still write to it, so it is read too. A file that became shorter (truncation) is read from its start. Raises LogFileError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._old: deque[BinaryIO] = deque()
        self._told: BinaryIO | None = None  # whose bytes came last
        self._within_a_line = False
        self._file = self._open()
        if self._file is not None:
            self._file.seek(0, os.SEEK_END)

    @property
    def there(self) -> bool:
        """Whether the file has been seen."""
        return self._file is not None

    def read(self) -> bytes:
        """Return some of what was added, nothing when there is no more."""
        if self._file is None:
            self._file = self._open()
        if self._file is None:
            return b""
        try:
            return self._read_some() or (self._read_some() if self._goes_on_elsewhere(self._file) else b"")
        except OSError as error:
            raise self._unreadable(error) from error

    def close(self) -> None:
        """Close the file, and the old ones."""
        for file in (*self._old, self._file):
            if file is not None:
                file.close()

    def _open(self) -> BinaryIO | None:
        try:
            return self.path.open("rb", buffering=0)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> LogFileError:
        return LogFileError(f"agent.log_file: cannot read {self.path}: {error.strerror}")

    def _read_some(self) -> bytes:
        """Read from the oldest file that has more; a line that another file breaks into is ended."""
        for file in (*self._old, self._file):
            chunk = file.read(_CHUNK_BYTES) if file is not None else b""
            if chunk:
                end_of_line = b"\n" if self._within_a_line and file is not self._told else b""
                self._told, self._within_a_line = file, not chunk.endswith(b"\n")
                return end_of_line + chunk
        return b""

    def _goes_on_elsewhere(self, file: BinaryIO) -> bool:
        """Go to the newer file that the path leads to, or to the start of one that was cut; whether there is such a file."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(file.fileno())
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            self._old.append(file)
            if len(self._old) > _OLD_FILES:
                self._old.popleft().close()
            self._file = self._open()
            return True
        if there.st_size < file.tell():
            file.seek(0)
            self._told = None
            return True
        return False
