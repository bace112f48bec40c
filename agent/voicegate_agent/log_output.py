"""The agent's log on stderr, as text or as one JSON object per line; UTF-8, never escaped.

Text: ``2026-01-31 12:00:00,123 INFO voicegate_agent.call <message> | pid=4711 room=help-desk-7``. The message is exactly what
was logged; what follows the last `` | `` are the fields, among them always the process that logged it and, in a
call, its room. JSON carries the same under ``message``, ``level``, ``name``, ``timestamp``, ``pid`` and ``room``.
"""

import copy
import io
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from voicegate_agent.host_settings import LogFormat

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "pid"}
_QUIET_LOGGERS = {
    **dict.fromkeys(
        ("aiohttp.access", "faster_whisper", "httpcore", "httpx", "httpx2", "openai"), logging.WARNING
    ),
    # LiveKit's native core warns about its own bookkeeping at the end of every call.
    "livekit": logging.ERROR,
}


def configure_logging(log_format: LogFormat) -> None:
    """Send every record of this process to stderr in the given format; calling it again changes the format."""
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format is LogFormat.JSON else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name, level in _QUIET_LOGGERS.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger("livekit.agents").setLevel(logging.INFO)


class TextFormatter(logging.Formatter):
    """One line per record, its fields after the message; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write a record that came from another process as if it had been made here."""
        return super().format(_without_traceback(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name logging gives it
        """Append the record's fields to its line."""
        fields = " ".join(f"{name}={_plain(value)}" for name, value in _fields(record).items())
        return f"{super().formatMessage(record)} | {fields}"


class JsonFormatter(logging.Formatter):
    """One JSON object per record, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Serialize the record; values that JSON does not know become text."""
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="microseconds"),
            "level": record.levelname,
            "name": record.name,
            "message": _without_traceback(record).getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        elif record.exc_text:
            line["traceback"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


def _without_traceback(record: logging.LogRecord) -> logging.LogRecord:
    """Undo what LiveKit does to a job process's record: the traceback appended to the message."""
    traceback, message = record.exc_text, record.getMessage()
    if not traceback or record.exc_info or not message.endswith(traceback):
        return record
    shortened = copy.copy(record)
    shortened.msg, shortened.args = message.removesuffix(traceback).rstrip("\n"), None
    return shortened


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    extra = {
        name: value
        for name, value in vars(record).items()
        if name not in _STANDARD_FIELDS and not name.startswith("_")
    }
    fields: dict[str, Any] = {"pid": record.process}
    if "room" in extra:
        fields["room"] = extra.pop("room")
    return fields | extra


def _plain(value: object) -> str:
    text = str(value)
    return (
        text
        if text and text.isprintable() and not set(text) & set(' "|=')
        else json.dumps(text, ensure_ascii=False)
    )
