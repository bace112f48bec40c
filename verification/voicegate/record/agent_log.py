"""Taking one line of the agent's log apart: JSON where it is JSON, text in the formats that loggers have."""

import json
import re
from collections.abc import Mapping
from typing import Any

from voicegate.agent_section import LogLines
from voicegate.record.container_lines import unwrapped
from voicegate.record.events import LogLine
from voicegate.record.text_lines import text_fields

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])"
)  # CSI, OSC, others
_LONGEST_PID = 20
_TIMES = ("timestamp", "time", "asctime", "ts", "@timestamp")
_EXCEPTIONS = ("exc_info", "exception", "traceback", "stack")
_TO_THE_MILLISECOND = re.compile(r"[\dT: -]*\d:\d\d:\d\d[.,]\d{3}\d*")
_TIME_WITHIN = 40  # characters at the beginning of a line, or of a field
TRACEBACK = "Traceback (most recent call last)"


def parse_line(raw: str, t: float, lines: LogLines) -> LogLine:
    """Return the line's message and, where it says them, level, process and room; `t` is when it arrived.

    A line that is neither JSON with a message nor in a format that is known is its own message, such as the lines of
    a traceback. Colors are taken out of text and messages, and what Docker or Kubernetes put around a line is taken off.
    """
    raw = _ESCAPES.sub("", raw).strip("\r\n")
    fields = _json_fields(raw, lines)
    if fields is None and (lines.text is None or not re.search(lines.text, raw)):
        inner = unwrapped(raw)
        fields = _json_fields(inner, lines) or _text_fields(inner, lines)
        if inner != raw and fields.get("level") is None:  # a time that was the agent's own after all
            whole = _text_fields(raw, lines)
            fields = fields if whole.get("level") is None else whole
    if fields is None:
        fields = _text_fields(raw, lines)
    exception = fields.get("exception")
    return LogLine(
        t=t,
        message=_ESCAPES.sub("", str(fields["message"])),
        level=_level(fields.get("level"), lines),
        pid=_number(fields.get("pid")),
        room=_text(fields.get("room")),
        exception=_ESCAPES.sub("", exception) if exception else None,
        written=fields.get("written"),
    )


def exception_of(text: str) -> str | None:
    """Find the exception that a traceback ends with, `ValueError: no such voice`; None where the text has none."""
    if TRACEBACK not in text:
        return None
    lines = text.rpartition(TRACEBACK)[2].splitlines()[1:]
    return next((line.strip() for line in lines if line.strip() and not line.startswith((" ", "\t"))), None)


def _text_fields(text: str, lines: LogLines) -> dict[str, Any]:
    written = _TO_THE_MILLISECOND.search(text[:_TIME_WITHIN])
    return {"written": written[0] if written else None} | dict(text_fields(text, lines.text))


def _json_fields(raw: str, lines: LogLines) -> dict[str, Any] | None:
    if not raw.lstrip().startswith("{"):
        return None
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.get(lines.message) is None:
        return None
    fields = {name: values.get(getattr(lines, name)) for name in ("message", "level", "pid", "room")}
    return fields | {"exception": _exception(values, str(fields["message"])), "written": _written(values)}


def _exception(values: Mapping[str, Any], message: str) -> str | None:
    """Take the exception from where loggers put tracebacks: Python's, structlog's, pino's."""
    error = values.get("err")
    if isinstance(error, dict) and error.get("message"):
        return f"{error.get('type') or 'Error'}: {error['message']}"
    texts = [message, *(text for name in _EXCEPTIONS if isinstance(text := values.get(name), str))]
    return next((found for text in texts if (found := exception_of(text))), None)


def _written(values: Mapping[str, Any]) -> str | None:
    texts = (str(values[name])[:_TIME_WITHIN] for name in _TIMES if name in values)
    return next((text for text in texts if _TO_THE_MILLISECOND.search(text)), None)


def _level(value: object, lines: LogLines) -> str | None:
    """Name a level as the gate file does; numbers are levels too."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    return None if text is None else lines.level_names.get(text, text)


def _text(value: object) -> str | None:
    return (_ESCAPES.sub("", value) or None) if isinstance(value, str) else None


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and len(value) < _LONGEST_PID and value.isdecimal() else None
