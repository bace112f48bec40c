"""What containers do to the lines of a log: a runtime puts time, stream and name before each, and cuts long ones."""

import json
import re
from collections.abc import Iterator, Mapping

_TIME = r"\d{4}-\d\d-\d\dT\S+ "
_DOCKERS_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) "  # nine digits, always
_CRI = re.compile(rf"{_TIME}(?P<stream>stdout|stderr) (?P<cut>[FP])(?: |$)")
_BEFORE_JSON = re.compile(rf"(?:[\w.-]+ *\| )?(?:{_TIME})?(?=\{{)")
_BEFORE_TEXT = re.compile(rf"(?:[\w.-]+[-_]\d+ +\| (?:{_DOCKERS_TIME})?|{_DOCKERS_TIME})(?=\S)")
_INSIDE = re.compile(_DOCKERS_TIME)
_CUT_AT_BYTES = 16_000  # Docker cuts at 16,384; half a character at a cut becomes another one
_LONGEST_HELD = 1 << 21


def unwrapped(raw: str) -> str:
    """Take off what a container's runtime put around a line; a line without such a thing stays as it is.

    Known are Docker's JSON, `docker logs -t`, Docker Compose with and without times, and CRI. A name before plain text is Compose's
    only where it ends in a number, and a time only where it has nanoseconds: other times are the agent's own.
    """
    if docker := _docker(raw):
        return docker["log"].strip("\r\n")
    if found := _CRI.match(raw) or _BEFORE_JSON.match(raw):
        text = raw[found.end() :]
    else:
        text = raw[found.end() :] if (found := _BEFORE_TEXT.match(raw)) else raw
    return _INSIDE.sub("", text) if len(raw) > _CUT_AT_BYTES else text


class WholeLines:
    """Puts long lines together again that CRI or Docker cut; every other line passes through at once."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def take(self, raw: str) -> str | None:
        """Return the line, or the whole one with its last piece; None as long as more pieces are to come."""
        if cri := _CRI.match(raw):
            before, stream, text, more = cri[0], cri["stream"], raw[cri.end() :], cri["cut"] == "P"
        elif docker := _docker(raw):
            before, stream, text = "", docker["stream"], docker["log"]
            more = not text.endswith("\n") and len(text.encode(errors="replace")) >= _CUT_AT_BYTES
        else:
            return raw
        held = self._held.pop(stream, "")
        if more and len(held) + len(text) < _LONGEST_HELD:
            self._held[stream] = held + text
            return None
        return before + held + text if held else raw

    def rest(self) -> Iterator[str]:
        """Return the lines whose last piece never came."""
        yield from self._held.values()
        self._held.clear()


def _docker(raw: str) -> Mapping[str, str] | None:
    """Read the JSON that Docker's `json-file` driver makes of a line or a piece of one."""
    if not raw.startswith("{") or '"stream"' not in raw:
        return None
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values.get("log"), str) or not isinstance(values.get("stream"), str):
        return None
    return values if values.keys() <= {"log", "stream", "time", "attrs"} else None
