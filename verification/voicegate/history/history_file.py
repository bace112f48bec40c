"""The history in its file: one JSON object a line, appended under a lock, so that runs that end at once do not mix.

A line that cannot be read, as after a full disk or a bad merge, is told and skipped, and stays in the file. A next line begins on a line of
its own even behind half a line.
"""

import fcntl
import os
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from voicegate.exit_codes import MeasuringError, UsageError
from voicegate.history.entries import Entry

HISTORY = "history.jsonl"


class HistoryError(MeasuringError):
    """The history could not be written; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class History:
    """What a file holds: its entries as they were appended, and what is wrong with the other lines."""

    path: Path
    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()

    def of_scenario(self, name: str) -> "History":
        """Leave out the runs of other scenarios; what was asked of it may follow the name."""
        kept = (one for one in self.entries if f"{one.setting.scenario} ".startswith(f"{name} "))
        return replace(self, entries=tuple(kept))

    def like(self, entry: Entry, most: int) -> tuple[Entry, ...]:
        """List the last whole runs whose figures can be compared with those of this one."""
        alike = [one for one in self.entries if one.setting == entry.setting and one.is_whole]
        return tuple(alike[-most:])


def append_entry(path: Path, entry: Entry) -> None:
    """Add a line to the history, which is made where it is missing. Raises HistoryError."""
    line = entry.model_dump_json(by_alias=True).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing gives it back
            if _ends_inside_a_line(file.fileno()):
                line = b"\n" + line
            if file.write(line) != len(line):
                raise HistoryError(f"{path}: cannot write the history: no space left on the device")
    except OSError as error:
        raise HistoryError(f"{path}: cannot write the history: {error.strerror}") from error


def _ends_inside_a_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def read_history(path: Path) -> History:
    """Read a history; one that is not there yet is empty. Raises UsageError when it cannot be read."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return History(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot read the history: {error.strerror}") from error
    entries, problems = [], []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                entries.append(Entry.model_validate_json(line))
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(map(str, first["loc"]))
                said = f"{where}: {first['msg']}" if where else first["msg"]
                problems.append(f"{path.name}:{number}: skipped, no line of a history: {said}")
    return History(path, tuple(entries), tuple(problems))
