"""Log lines that are text: the formats of Python's logging, of LiveKit's console, and of others that name a level."""

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMES = "TRACE|DEBUG|DEV|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL"
_UPPER = f"(?P<level>{_NAMES})"
_ANY = f"(?P<level>{_NAMES}|{_NAMES.lower()})"
_TIME = r"\[?\d[\dT:.,/+Z -]{3,40}?\]?"
_FORMATS = tuple(
    re.compile(text)
    for text in (
        rf"^{_UPPER}:[\w.-]*:(?P<message>.*)$",  # logging.basicConfig: ERROR:livekit:boom
        rf"^{_TIME} - {_UPPER} +[\w.-]+ - (?P<message>.*)$",  # LiveKit's dev
        rf"^{_TIME} - [\w.-]+ - {_UPPER} - (?P<message>.*)$",  # Python's tutorial
        rf"^{_TIME}[ |]*\[?{_UPPER}\]?[ :|]+(?:[\w<>-]+(?:[.:][\w<>-]+)+ - )?(?P<message>.*)$",  # loguru and others
        rf"^(?:{_TIME}[ |\t]*)?\[?{_ANY}(?:\]:?|:|\t| *\|) *(?P<message>.*)$",  # [error] boom, error: boom
        rf"^(?:\w+=\S+ )*level={_ANY} (?P<message>.*)$",  # logfmt
    )
)
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})+")


def text_fields(text: str, pattern: str | None) -> Mapping[str, Any]:
    """Take a line apart by the gate file's pattern, or without one by the format that fits; else it is its own message.

    A JSON object at the end, as LiveKit's console has it, names process and room, and is left out of the message. Characters that
    Python escaped because its output could not say them are themselves again.
    """
    if pattern is not None:
        found = re.search(pattern, text)
        fits = found is not None and found.groupdict().get("message") is not None
        return found.groupdict() if found and fits else {"message": text}
    text = _ESCAPED.sub(_unescaped, text)
    for known in _FORMATS:
        if found := known.match(text):
            message, extra = _without_extra(found["message"])
            return extra | {"message": message, "level": found["level"]}
    return {"message": text}


def _without_extra(message: str) -> tuple[str, dict[str, Any]]:
    """Split off the JSON object that a message ends with."""
    start = message.find(' {"')
    if start < 0 or not message.endswith("}"):
        return message, {}
    try:
        values = json.loads(message[start + 1 :])
    except (ValueError, RecursionError):
        return message, {}
    return message[:start], {name: values.get(name) for name in ("pid", "room")}


def _unescaped(found: re.Match[str]) -> str:
    r"""Read `\ud83d\udd27` and `\U0001f527` as the character they stand for."""
    units = re.findall(r"\\[uU]([0-9a-fA-F]+)", found[0])
    try:
        text = "".join(chr(int(unit, 16)) for unit in units)
    except (ValueError, OverflowError):
        return found[0]
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
