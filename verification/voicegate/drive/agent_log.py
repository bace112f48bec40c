"""What the agent writes: kept as it is, recorded line by line, and searched for the line that says it is ready."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from voicegate.drive.log_file import LogFile
from voicegate.record.agent_log import parse_line
from voicegate.record.events import Event
from voicegate.record.recording import Clock
from voicegate.settings import GateSettings

_LAST_LINES = 12
_LONGEST_LINE_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 16
_LOOK_EVERY_S = 0.1


class AgentLog:
    """Takes the bytes of one log and keeps them in the file `kept`; `emit` is None where no line is to be recorded.

    `ready` is set by the first line that matches `agent.ready_pattern`.
    """

    def __init__(
        self,
        kept: Path,
        settings: GateSettings,
        clock: Clock,
        emit: Callable[[Event], None] | None,
        ready: asyncio.Event,
    ) -> None:
        self._ready = ready
        self._kept = kept.open("wb", buffering=0)
        self._settings = settings
        self._clock = clock
        self._emit = emit
        self._pending = b""
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)

    def take(self, chunk: bytes) -> None:
        """Take what was written just now; the last line may be unfinished."""
        t = self._clock()
        self._kept.write(chunk)
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        if len(self._pending) > _LONGEST_LINE_BYTES:
            lines, self._pending = [*lines, self._pending], b""
        for line in lines:
            self._record(line, t)

    def close(self) -> None:
        """Take the last line as finished; nothing comes after it."""
        if self._pending:
            self._record(self._pending, self._clock())
            self._pending = b""
        self._kept.close()

    @property
    def wrote(self) -> bool:
        """Whether there was any line."""
        return bool(self._last_lines)

    def tail(self) -> str:
        """Return the last lines, for the end of a message."""
        if not self._last_lines:
            return " It wrote nothing."
        return " Its last lines:\n" + "\n".join(f"  {line}" for line in self._last_lines)

    def _record(self, line: bytes, t: float) -> None:
        parsed = parse_line(line.decode(errors="replace"), t, self._settings.log_lines)
        self._last_lines.append(parsed.message)
        if self._emit is not None:
            self._emit(parsed)
        if re.search(self._settings.agent.ready_pattern, parsed.message):
            self._ready.set()


async def read_stream(stream: asyncio.StreamReader, log: AgentLog) -> None:
    """Take everything a program writes, until it closes the stream."""
    while chunk := await stream.read(_CHUNK_BYTES):
        log.take(chunk)


@dataclass(frozen=True, slots=True)
class Following:
    """A file that is being followed: `appeared` once it is there, `failed` with a LogFileError if it cannot be read."""

    appeared: asyncio.Event
    failed: asyncio.Future[None]

    @classmethod
    def nothing(cls) -> Self:
        """Follow no file, which never fails."""
        return cls(asyncio.Event(), asyncio.get_running_loop().create_future())

    def check(self) -> None:
        """Raise the LogFileError, if there was one."""
        if self.failed.done():
            self.failed.result()


@asynccontextmanager
async def followed(file: LogFile, log: AgentLog) -> AsyncIterator[Following]:
    """Take what is added to a file, until the block is left."""
    appeared = asyncio.Event()
    task = asyncio.create_task(_follow(file, log, appeared), name="agent log file")
    try:
        yield Following(appeared, task)
    finally:
        task.cancel()
        (failed,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(failed, asyncio.CancelledError):
            while chunk := file.read():
                log.take(chunk)
        file.close()


async def _follow(file: LogFile, log: AgentLog, appeared: asyncio.Event) -> None:
    while True:
        while chunk := file.read():
            log.take(chunk)
            await asyncio.sleep(0)
        if file.there:
            appeared.set()
        await asyncio.sleep(_LOOK_EVERY_S)
