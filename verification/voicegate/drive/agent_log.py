"""What the agent writes: kept as it is, recorded line by line, and searched for the line that says it is ready."""

import asyncio
import errno
import os
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from voicegate.drive.errors import DriveError
from voicegate.drive.log_file import LogFile
from voicegate.record.agent_log import parse_line
from voicegate.record.container_lines import WholeLines
from voicegate.record.events import Event
from voicegate.record.recording import Clock
from voicegate.redaction import Secrets
from voicegate.settings import GateSettings

_LAST_LINES = 12
_LONGEST_TOLD = 500
_LONGEST_LINE_BYTES = 1 << 21
_CHUNK_BYTES = 1 << 16
_LOOK_EVERY_S = 0.1


class AgentLogError(DriveError):
    """The agent's log cannot be kept or recorded; the message says why."""


class AgentLog:
    """Takes the bytes of one log and keeps them in the file `kept`; `emit` is None where no line is to be recorded.

    `ready` is set by the first line that matches `agent.ready_pattern`. Taking never raises, so that whoever reads the
    agent's output reads on: an agent that nobody reads is blocked. What went wrong is `error`, and sets `failed`;
    nothing is kept after that. What is kept, recorded and told holds no value of a secret that the agent was given. Raises
    AgentLogError when the file cannot be created.
    """

    def __init__(
        self,
        kept: Path,
        settings: GateSettings,
        clock: Clock,
        emit: Callable[[Event], None] | None,
        ready: asyncio.Event,
        secrets: Secrets,
    ) -> None:
        self.failed = asyncio.Event()
        self.error: DriveError | None = None
        self._ready = ready
        self._path = kept
        try:
            self._kept = kept.open("wb", buffering=0)
        except OSError as error:
            raise AgentLogError(f"Cannot keep the agent's log in {kept}: {error.strerror}") from error
        self._settings = settings
        self._clock = clock
        self._emit = emit
        self._secrets = secrets
        self._pending = b""
        self._whole = WholeLines()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)

    def take(self, chunk: bytes) -> None:
        """Take what was written just now; the last line may be unfinished."""
        t = self._clock()
        self._attempt(lambda: self._take(chunk, t))

    def close(self) -> None:
        """Take the last line as finished; nothing comes after it."""
        last, self._pending = self._pending, b""
        if last:
            self._attempt(lambda: self._keep_and_record(last, b"", self._clock()))
        for line in self._whole.rest():
            self._attempt(partial(self._record, line, self._clock()))
        self._kept.close()

    def fail(self, error: DriveError) -> None:
        """Say that from here on nothing of the log is known; the first reason counts."""
        self.error = self.error or error
        self.failed.set()

    def check(self) -> None:
        """Raise what went wrong, if anything did."""
        if self.error is not None:
            raise self.error

    @property
    def wrote(self) -> bool:
        """Whether there was any line."""
        return bool(self._last_lines)

    def tail(self) -> str:
        """Return the last lines, for the end of a message."""
        if not self._last_lines:
            return " It wrote nothing."
        return " Its last lines:\n" + "\n".join(f"  {line[:_LONGEST_TOLD]}" for line in self._last_lines)

    def _attempt(self, work: Callable[[], None]) -> None:
        if self.error is not None:
            return
        try:
            work()
        except OSError as error:
            self.fail(
                AgentLogError(
                    f"Cannot keep the agent's log in {self._path}: {error.strerror}. What it wrote from here on is "
                    "not known; free some space and run again."
                )
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the log is incomplete from here on
            self.fail(AgentLogError(f"The gate could not take a line of the agent's log: {error!r}"))

    def _take(self, chunk: bytes, t: float) -> None:
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        for line in lines:
            self._keep_and_record(line, b"\n", t)
        if len(self._pending) > _LONGEST_LINE_BYTES:
            hidden = self._secrets.hide_in_bytes(self._pending)
            cut = max(0, len(hidden) - self._secrets.longest_bytes)  # a secret may be half there
            self._pending = hidden[cut:]
            self._keep_and_record(hidden[:cut], b"", t)

    def _keep_and_record(self, raw: bytes, end: bytes, t: float) -> None:
        """Keep a line, or a piece of a very long one, and record it."""
        line = self._secrets.hide_in_bytes(raw)
        if self._kept.write(line + end) != len(line + end):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        text = line.decode(errors="replace")
        if re.search(self._settings.agent.ready_pattern, text):
            self._ready.set()
        whole = self._whole.take(text)
        if whole is not None:
            self._record(whole, t)

    def _record(self, line: str, t: float) -> None:
        """Record a line of which nothing is missing; a secret may have been cut in two before."""
        parsed = parse_line(self._secrets.hide(line), t, self._settings.log_lines)
        self._last_lines.append(parsed.message)
        if self._emit is not None:
            self._emit(parsed)
        if re.search(self._settings.agent.ready_pattern, parsed.message):
            self._ready.set()


async def read_stream(stream: asyncio.StreamReader, log: AgentLog) -> None:
    """Take everything a program writes, until it closes the stream. A stream that cannot be read fails the log."""
    try:
        while chunk := await stream.read(_CHUNK_BYTES):
            log.take(chunk)
    except Exception as error:  # noqa: BLE001 - whatever it is, the log is incomplete from here on
        log.fail(AgentLogError(f"The gate could not read what the agent writes: {error!r}"))


@dataclass(frozen=True, slots=True)
class Following:
    """A log file that is followed; `appeared` is set once it is there."""

    file: LogFile
    log: AgentLog
    appeared: asyncio.Event = field(default_factory=asyncio.Event)

    def read_rest(self) -> None:
        """Take what is there now."""
        while self.read_some():
            pass

    def read_some(self) -> bool:
        """Take some of what was added; whether there was any. A file that cannot be read fails the log."""
        if self.log.error is not None:
            return False
        try:
            chunk = self.file.read()
        except DriveError as error:
            self.log.fail(error)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the log is incomplete from here on
            self.log.fail(AgentLogError(f"The gate could not read {self.file.path}: {error!r}"))
            return False
        if self.file.there:
            self.appeared.set()
        if chunk:
            self.log.take(chunk)
        return bool(chunk)


@asynccontextmanager
async def followed(file: LogFile, log: AgentLog) -> AsyncIterator[Following]:
    """Take what is added to a file, until the block is left."""
    following = Following(file, log)
    task = asyncio.create_task(_follow(following), name="agent log file")
    try:
        yield following
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        following.read_rest()
        file.close()


async def _follow(following: Following) -> None:
    while following.log.error is None:
        more = following.read_some()
        await asyncio.sleep(0 if more else _LOOK_EVERY_S)


async def first_of(*waits: Coroutine[Any, Any, object], timeout_s: float | None = None) -> None:
    """Wait until one of these is over, or the time is."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
