"""Taking one line of the agent's log apart: JSON where it is JSON, text otherwise."""

import json
import re
from typing import Any

from voicegate.agent_section import LogLines
from voicegate.record.events import LogLine

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])"
)  # CSI, OSC, others
_LONGEST_PID = 20
_BEFORE_LINES = re.compile(
    r"\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP] |[\w.-]+ *\| (?=\{)"
)  # Kubernetes; Docker Compose


def parse_line(raw: str, t: float, lines: LogLines) -> LogLine:
    """Return the line's message and, where it says them, level, process and room; `t` is when it arrived.

    A line that is neither JSON with a message nor matched by the text pattern is its own message, such as the lines of
    a traceback. Colors are taken out of text and messages, and what Docker or Kubernetes put around a line is taken off.
    """
    raw = raw.rstrip("\r\n")
    fields = _json_fields(raw, lines)
    if fields is None and (lines.text is None or not re.search(lines.text, raw)):
        raw = _unwrapped(raw)
        fields = _json_fields(raw, lines)
    if fields is None:
        text = _ESCAPES.sub("", raw)
        fields = _text_fields(text, lines) or {"message": text}
    return LogLine(
        t=t,
        message=_ESCAPES.sub("", str(fields["message"])),
        level=_level(fields.get("level"), lines),
        pid=_number(fields.get("pid")),
        room=_text(fields.get("room")),
    )


def _unwrapped(raw: str) -> str:
    """Take off what a container's runtime put around a line: `2026-11-27T… stderr F …`, `{"log": "…", "stream": …}`."""
    if raw.startswith("{") and '"stream"' in raw:
        try:
            wrapped = json.loads(raw)
        except (ValueError, RecursionError):
            return raw
        inner = wrapped.get("log") if wrapped.keys() >= {"log", "stream"} else None
        return inner.rstrip("\r\n") if isinstance(inner, str) else raw
    found = _BEFORE_LINES.match(raw)
    return raw[found.end() :] if found else raw


def _json_fields(raw: str, lines: LogLines) -> dict[str, Any] | None:
    if not raw.lstrip().startswith("{"):
        return None
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.get(lines.message) is None:
        return None
    return {name: values.get(getattr(lines, name)) for name in ("message", "level", "pid", "room")}


def _text_fields(text: str, lines: LogLines) -> dict[str, Any] | None:
    if lines.text is None:
        return None
    found = re.search(lines.text, text)
    return found.groupdict() if found and found.groupdict().get("message") is not None else None


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
