"""Log lines that are text: the formats of Python's logging, of LiveKit's console, and of others that name a level."""

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMES = "TRACE|DEBUG|DEV|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL"
_UPPER = f" *(?P<level>{_NAMES}) *"
_ANY = f"(?P<level>{_NAMES}|{_NAMES.lower()})"
_TIME = r"\[?\d[\dT:.,/+Z -]{3,40}?\]?"
_NAME = r"(?P<name>[\w.-]+)"
_PLAIN_NAME = (
    r"(?P<name>livekit|[A-Za-z_][\w-]*(?:\.[\w-]+)+|\[[\w.-]+\])"  # what no word of a sentence looks like
)
_FORMATS = tuple(
    re.compile(text)
    for text in (
        rf"^{_UPPER}:(?P<name>[\w.-]*) *:(?P<message>.*)$",  # logging.basicConfig: ERROR:livekit:boom
        rf"^{_TIME} - {_UPPER}(?:- )?{_NAME} +- (?P<message>.*)$",  # LiveKit's dev
        rf"^{_TIME} - {_NAME} +- {_UPPER}- (?P<message>.*)$",  # Python's tutorial
        rf"^{_TIME}[ |]*{_PLAIN_NAME}[ :|]+\[?{_UPPER}\]?[ :|-]+(?P<message>.*)$",
        rf"^{_TIME}[ |]*\[?{_UPPER}\]?[ :|]+(?:[\w<>-]+(?:[.:][\w<>-]+)+ - )?(?:- )?(?P<message>.*)$",  # loguru and others
        rf"^(?:{_TIME}[ |\t]*)?\[? *{_ANY}(?: *\]:?|:|\t| *\|) *(?P<message>.*)$",  # [error] boom, error: boom
        rf"^(?:\w+=\S+ )*level={_ANY} (?P<message>.*)$",  # logfmt
    )
)
_LIVEKIT = r"(?P<name>livekit(?:\.[\w.]+)?)"
_NAME_BEFORE = re.compile(rf"\[?{_LIVEKIT}\]?(?: -|:| *\|)? +(?=\S)")
_NAME_BEHIND = re.compile(rf" +\[{_LIVEKIT}\](?: \w+=.*)?$")  # structlog
_OF_EVERY_LINE = {"pid", "room", "room_id", "job_id", "agent_name", "inference", "region"}
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})+")


def text_fields(text: str, pattern: str | None) -> Mapping[str, Any]:
    """Take a line apart by the gate file's pattern, or without one by the format that fits; else it is its own message.

    A JSON object at the end, as LiveKit's console has it, names process and room. It is left out of the message where all that is in
    it is LiveKit's, and so is the name of a logger of LiveKit's. Characters that Python escaped because its output could not say them
    are themselves again.
    """
    if pattern is not None:
        found = re.search(pattern, text)
        fits = found is not None and found.groupdict().get("message") is not None
        return found.groupdict() if found and fits else {"message": text}
    text = _ESCAPED.sub(_unescaped, text)
    for known in _FORMATS:
        if found := known.match(text):
            name, message = found.groupdict().get("name"), found["message"].rstrip()
            if name is None:
                name, message = _without_name(message)
            message, extra = _without_extra(message, by_livekit=name.partition(".")[0] == "livekit")
            return extra | {"message": message, "level": found["level"]}
    return {"message": text}


def _without_name(message: str) -> tuple[str, str]:
    """Split off the name of a logger of LiveKit's, before the message or behind it; an empty one where there is none."""
    if found := _NAME_BEFORE.match(message):
        return found["name"], message[found.end() :]
    if found := _NAME_BEHIND.search(message):
        return found["name"], message[: found.start()]
    return "", message


def _without_extra(message: str, *, by_livekit: bool) -> tuple[str, dict[str, Any]]:
    """Read the JSON object that a message ends with, and split it off unless the agent's own code put something into it."""
    start = message.find(' {"')
    if start < 0 or not message.endswith("}"):
        return message, {}
    try:
        values = json.loads(message[start + 1 :])
    except (ValueError, RecursionError):
        return message, {}
    if by_livekit or values.keys() <= _OF_EVERY_LINE:
        message = message[:start]
    return message, {name: values.get(name) for name in ("pid", "room")}


def _unescaped(found: re.Match[str]) -> str:
    r"""Read `\ud83d\udd27` and `\U0001f527` as the character they stand for."""
    units = re.findall(r"\\[uU]([0-9a-fA-F]+)", found[0])
    try:
        text = "".join(chr(int(unit, 16)) for unit in units)
    except (ValueError, OverflowError):
        return found[0]
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
