"""Taking one line of the agent's log apart: JSON where it is JSON, text otherwise."""

import json
import re
from typing import Any

from verification.record.events import LogLine
from verification.settings import LogLines

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def parse_line(raw: str, t: float, lines: LogLines) -> LogLine:
    """Return the line's message and, where it says them, level, process and room; `t` is when it arrived.

    A line that is neither JSON with a message nor matched by the text pattern is its own message.
    """
    raw = raw.rstrip("\r\n")
    fields = _json_fields(raw, lines) or _text_fields(raw, lines) or {"message": raw}
    return LogLine(
        t=t,
        message=str(fields["message"]),
        level=_text(fields.get("level")),
        pid=_number(fields.get("pid")),
        room=_text(fields.get("room")),
    )


def _json_fields(raw: str, lines: LogLines) -> dict[str, Any] | None:
    if not raw.startswith("{"):
        return None
    try:
        values = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(values, dict) or lines.message not in values:
        return None
    return {name: values.get(getattr(lines, name)) for name in ("message", "level", "pid", "room")}


def _text_fields(raw: str, lines: LogLines) -> dict[str, Any] | None:
    if lines.text is None:
        return None
    found = re.search(lines.text, _ESCAPES.sub("", raw))
    return found.groupdict() if found and found.groupdict().get("message") is not None else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None
