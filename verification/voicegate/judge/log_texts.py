"""The agent's log as texts to search: whole lines, also where processes wrote into each other's.

Several processes share one output. A line of JSON that was cut in two by another's arrives as two lines that are no
JSON; here they are one again, with the level that it names. Two messages that arrive as one line stay one: search it for all matches, not for one.
Second copies of lines are still there: see measure/copies.py.
"""

from collections.abc import Sequence
from dataclasses import replace

from voicegate.agent_section import LogLines
from voicegate.measure.caveats import NotMeasured
from voicegate.record.agent_log import parse_line
from voicegate.record.events import LogLine, Recording


def log_texts(recording: Recording) -> Sequence[LogLine]:
    """List the log's lines, torn ones put together; raises NotMeasured when nothing of the log was recorded."""
    if not recording.log:
        raise NotMeasured(
            "no line of the agent's log was recorded",
            "correct [agent] log in the gate file: the agent may write its log elsewhere",
        )
    whole: list[LogLine] = []
    for line in recording.log:
        if whole and _goes_on(whole[-1], line):
            whole[-1] = replace(whole[-1], message=whole[-1].message + line.message)
        else:
            whole.append(line)
    return [_read(line) if line.message.startswith("{") and _is_raw(line) else line for line in whole]


def _read(line: LogLine) -> LogLine:
    """Read a line that was put together as the JSON it is, by the usual names of its fields."""
    return parse_line(line.message, line.t, LogLines())


def _goes_on(before: LogLine, line: LogLine) -> bool:
    """Whether a line is the rest of the one before: both are raw text, and only the one before begins as JSON."""
    torn = _is_raw(before) and before.message.startswith("{") and not before.message.endswith("}")
    return torn and _is_raw(line) and not line.message.startswith("{")


def _is_raw(line: LogLine) -> bool:
    return line.level is None and line.pid is None
