"""Second copies of lines in the agent's log: a job writes them, and LiveKit's main process once more.

A `logging.FileHandler` that each process sets up does that: the job writes the record, and LiveKit forwards it to the main process, whose
own handler writes it again, with the time at which it was made. So a copy is the same text at the same millisecond. Two processes
that load a model are no copies: their lines differ in time, or in the id. Two calls in one process may still write the same at one
millisecond; but whoever copies copies every line, so that one line that comes once shows that nobody does. Where lines have no such time
nobody can tell them apart from two loads at once; then `all_come_twice` says that it cannot be told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from voicegate.measure.caveats import NotMeasured
from voicegate.record.events import LogLine

_WITHIN_S = 2.0
_TOGETHER_S = 1.0
_Key = tuple[str | None, str | None, str]


@dataclass(slots=True)
class Copies:
    """Goes through a log line by line and knows its second copies."""

    _first: dict[_Key, list[LogLine]] = field(default_factory=dict)

    def is_copy(self, line: LogLine) -> bool:
        """Whether this line was there a moment ago, written at the same millisecond by the same process for the same call."""
        if line.written is None:
            return False
        self._forget(line.t - _WITHIN_S)
        alike = self._first.setdefault(_key(line), [])
        for first in alike:
            if _agree(first.pid, line.pid) and _agree(first.room, line.room):
                alike.remove(first)
                return True
        alike.append(line)
        return False

    def _forget(self, before_t: float) -> None:
        """Drop what no copy can come of any more; lines come in the order of time."""
        while (oldest := next(iter(self._first.items()), None)) and all(
            one.t < before_t for one in oldest[1]
        ):
            del self._first[oldest[0]]


def counted_once(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """Leave out the second copies of lines about one matter, if none of them comes an odd number of times."""
    times = Counter(_key(line) for line in lines if line.written is not None)
    return lines if any(count % 2 for count in times.values()) else without_copies(lines)


def without_copies(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """Leave out whatever may be a second copy."""
    copies = Copies()
    return [line for line in lines if not copies.is_copy(line)]


def all_come_twice(lines: Sequence[LogLine]) -> bool:
    """Whether each of these lines comes twice within a moment, and none says by its time or process whether it is a copy."""
    if not lines or any(line.written is not None or line.pid is not None for line in lines):
        return False
    waiting: dict[str, float] = {}
    for line in lines:
        t = waiting.pop(line.message, None)
        if t is None:
            waiting[line.message] = line.t
        elif line.t - t > _TOGETHER_S:
            return False
    return not waiting


def copies_or_two(what: str) -> NotMeasured:
    """Make what to raise where copies cannot be told from lines of two processes."""
    return NotMeasured(
        f"each line about {what} comes twice within a moment: either two processes write it, or one line is written "
        "twice, as by a logging.FileHandler in each job, whose lines LiveKit's main process writes once more",
        'let the gate read the agent\'s output (log = "stdout"), or put the time with milliseconds into each line, such as %(asctime)s',
    )


def _key(line: LogLine) -> _Key:
    return line.written, line.level, line.message


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other
