"""The logs beside a call: where they stood when it was dialed, so that one that no agent came to is told with the reason.

That a call was dialed may be heard late: in a load run only with the next package of events, when the agent has long written of it. So
what names its room belongs to it as well, and all that follows.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from voicegate.agent_section import LogLines
from voicegate.measure.missing_agent import NO_AGENT, NO_SOUND, STATES, LogAt, Missed, why_missing
from voicegate.record.events import GONE, CallEvent

_LONGEST_BYTES = 200_000  # of a line: one of JSON with a long traceback must stay whole to be understood
_MOST_LINES = 5_000
_MOST_BYTES = 4_000_000
_CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class _LastLines:
    """The last lines of a log, each with its number: so many, and so many bytes in all."""

    _lines: deque[tuple[int, bytes]] = field(default_factory=deque)
    _bytes: int = 0

    def add(self, number: int, line: bytes) -> None:
        """Take one; the first ones go."""
        self._lines.append((number, line))
        self._bytes += len(line)
        while len(self._lines) > _MOST_LINES or self._bytes > _MOST_BYTES:
            self._bytes -= len(self._lines.popleft()[1])

    def since(self, number: int) -> list[str]:
        """List those from this number on."""
        return [line.decode(errors="replace") for at, line in self._lines if at >= number]

    def first_with(self, text: str) -> int | None:
        """Find the number of the first one that has this in it."""
        wanted = text.encode()
        return next((at for at, line in self._lines if wanted in line), None)


@dataclass(slots=True)
class _GrowingLog:
    """A file that others write: its last lines, and all that match STATES, each with its number. One that is not there has none."""

    path: Path
    count: int = 0
    _read_bytes: int = 0
    _pending: bytes = b""
    _states: list[tuple[int, str]] = field(default_factory=list)
    _last: _LastLines = field(default_factory=_LastLines)

    def read(self) -> None:
        """Take what was added."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read_bytes)
                while chunk := file.read(_CHUNK_BYTES):
                    self._read_bytes += len(chunk)
                    *lines, pending = (self._pending + chunk).split(b"\n")
                    self._pending = pending[:_LONGEST_BYTES]
                    for line in lines:
                        self._take(line[:_LONGEST_BYTES])
        except OSError:
            return

    def at(self, mark: int, room: str) -> LogAt:
        """Give its lines before and since a number of lines, or since the first line that names the room if that came before."""
        named = self._last.first_with(room)
        mark = mark if named is None else min(mark, named)
        return LogAt(
            before=[line for number, line in self._states if number < mark], since=self._last.since(mark)
        )

    def _take(self, line: bytes) -> None:
        text = line.decode(errors="replace")
        if STATES.search(text):
            self._states.append((self.count, text))
        self._last.add(self.count, line)
        self.count += 1


class CallLogs:
    """The logs of one agent and of the server that it is called through; `agent_name` is what calls ask for."""

    def __init__(
        self, agent: tuple[Path, ...], server: Path, agent_name: str | None, lines: LogLines
    ) -> None:
        self._agent = [_GrowingLog(path) for path in agent]
        self._server = _GrowingLog(server)
        self._agent_name = agent_name
        self._lines = lines
        self._marks: dict[str, list[int]] = {}

    def explained(self, event: CallEvent) -> CallEvent:
        """Add to the failure of a call that no agent came to what the logs say about it; other events are as they were."""
        if event.step == "dialed":
            self._marks[event.call] = self._read()
        elif event.step in GONE:
            self._marks.pop(event.call, None)
        elif event.step == "failed" and (event.detail or "").startswith((NO_AGENT, NO_SOUND)):
            return self._with_reason(event, joined=(event.detail or "").startswith(NO_SOUND))
        return event

    def _with_reason(self, event: CallEvent, *, joined: bool) -> CallEvent:
        self._read()
        marks = self._marks.get(event.call)
        if marks is None:
            return event
        *agent, server = (
            log.at(mark, event.room) for log, mark in zip([*self._agent, self._server], marks, strict=True)
        )
        both = LogAt(
            [line for one in agent for line in one.before], [line for one in agent for line in one.since]
        )
        why = why_missing(Missed(event.room, self._agent_name, both, server, self._lines, joined))
        return (
            event
            if why is None
            else replace(event, detail=f"{event.detail}: {why.reason}", advice=why.advice)
        )

    def _read(self) -> list[int]:
        """Read on in all logs; return how many lines each has."""
        for log in (*self._agent, self._server):
            log.read()
        return [log.count for log in (*self._agent, self._server)]
