"""A log file that somebody else writes: what is added to it, from its present end on."""

import os
from pathlib import Path
from typing import BinaryIO

from voicegate.drive.errors import DriveError

_CHUNK_BYTES = 1 << 16


class LogFileError(DriveError):
    """A log file that cannot be read; the message names it and the reason."""


class LogFile:
    """Reads on where the file ends now, and from the start of a file that appears later.

    A file that is put in its place (rotation) is read from its start once the old one is read to its end, one that
    became shorter (truncation) from its start too. Raises LogFileError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
            chunk = self._file.read(_CHUNK_BYTES)
            another = not chunk and self._is_another(self._file)
        except OSError as error:
            raise self._unreadable(error) from error
        if chunk:
            self._within_a_line = not chunk.endswith(b"\n")
        return self._read_anew() if another else chunk

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> BinaryIO | None:
        try:
            return self.path.open("rb", buffering=0)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> LogFileError:
        return LogFileError(f"agent.log_file: cannot read {self.path}: {error.strerror}")

    def _is_another(self, file: BinaryIO) -> bool:
        """Whether the path leads to a newer file than the one that was read to its end, or that one was cut."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(file.fileno())
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino) or there.st_size < file.tell()

    def _read_anew(self) -> bytes:
        """Begin with the file that is there now; a line that was not ended is."""
        self.close()
        self._file = self._open()
        end_of_line, self._within_a_line = b"\n" if self._within_a_line else b"", False
        return end_of_line + self.read()
