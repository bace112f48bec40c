"""Tracebacks that a log has as lines of text: each is given the exception that it ends with."""

from collections.abc import Sequence
from dataclasses import replace

from voicegate.record.agent_log import TRACEBACK
from voicegate.record.events import LogLine

_LONGEST_LINES = 200
_JOINS = ("During handling of the above exception", "The above exception was the direct cause")


def with_exceptions(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """Give each line that begins a traceback the line that ends it, `ValueError: no such voice`, as its exception."""
    return [
        replace(line, exception=_end_of(lines[place + 1 : place + _LONGEST_LINES]))
        if line.exception is None and is_header(line)
        else line
        for place, line in enumerate(lines)
    ]


def is_header(line: LogLine) -> bool:
    """Whether a line says no more than that a traceback begins."""
    return line.message.strip().startswith(TRACEBACK) and "\n" not in line.message


def _end_of(following: Sequence[LogLine]) -> str | None:
    """Find the first line that is not indented, has no level and joins no two tracebacks."""
    for line in following:
        text = line.message
        if (
            line.level is None
            and text.strip()
            and not text.startswith((" ", "\t"))
            and not text.startswith(_JOINS)
        ):
            return None if is_header(line) else text.strip()
    return None
