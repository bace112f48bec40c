"""The agent under test: prepared, started by its command, watched, its log recorded, stopped."""

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from verification.drive import processes
from verification.drive.errors import DriveError
from verification.record.agent_log import parse_line
from verification.record.events import Event, ProcessEvent
from verification.record.recording import Clock
from verification.settings import GateSettings

Progress = Callable[[str], None]

_LAST_LINES = 12
_LONGEST_LINE_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 16
_LOG_END_S = 5.0


class AgentError(DriveError):
    """The agent could not be prepared, did not come up, or died; the message has its last log lines."""


async def prepare(settings: GateSettings, progress: Progress) -> int | None:
    """Run the agent's preparation, if it has one; return the bytes of weights it will load, None if unknown.

    Its standard error goes through to ours, as it may show progress. Raises AgentError.
    """
    known = settings.agent.weights_bytes
    if not settings.agent.prepare:
        return known
    command = [settings.agent.expand(word) for word in settings.agent.prepare]
    progress(f"Preparing the agent: {' '.join(command)}")
    process = await processes.start(
        command, env=settings.agent_environment(), cwd=settings.agent.working_directory, stdout=processes.PIPE
    )
    async with processes.running(process):
        assert process.stdout is not None
        try:
            async with asyncio.timeout(settings.agent.prepare_timeout_s):
                output = await process.stdout.read()
                exit_code = await process.wait()
        except TimeoutError:
            raise AgentError(
                f"Preparing the agent took longer than agent.prepare_timeout_s = {settings.agent.prepare_timeout_s:g} s"
            ) from None
    if exit_code != 0:
        raise AgentError(f"Preparing the agent failed with exit code {exit_code}: {' '.join(command)}")
    return known if known is not None else _weights_bytes(output)


def _weights_bytes(output: bytes) -> int | None:
    """Find `weights_bytes` in what the preparation wrote: a JSON object, alone or as the last line."""
    text = output.decode(errors="replace").strip()
    for candidate in (text, text.rsplit("\n", 1)[-1]):
        try:
            values = json.loads(candidate)
        except ValueError:
            continue
        found = values.get("weights_bytes") if isinstance(values, dict) else None
        if isinstance(found, int) and found > 0:
            return found
    return None


class AgentProcess:
    """The running agent."""

    def __init__(
        self,
        process: processes.LeashedProcess,
        settings: GateSettings,
        clock: Clock,
        emit: Callable[[Event], None],
    ) -> None:
        self.process = process
        self._settings = settings
        self._clock = clock
        self._emit = emit
        self._ready = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)

    async def read_log(self, path: Path) -> None:
        """Record every line the agent writes, and keep the raw text in `path`; ends when the agent closes it."""
        assert self.process.stdout is not None
        with path.open("wb") as raw:
            pending = b""
            while chunk := await self.process.stdout.read(_CHUNK_BYTES):
                t = self._clock()
                raw.write(chunk)
                raw.flush()
                *lines, pending = (pending + chunk).split(b"\n")
                if len(pending) > _LONGEST_LINE_BYTES:
                    lines, pending = [*lines, pending], b""
                for line in lines:
                    self._record(line, t)
            if pending:
                self._record(pending, self._clock())

    async def wait_until_ready(self) -> None:
        """Wait for the line that says that calls are taken. Raises AgentError."""
        ready = asyncio.create_task(self._ready.wait())
        ended = asyncio.create_task(self.process.wait())
        timeout_s = self._settings.agent.ready_timeout_s
        try:
            await asyncio.wait((ready, ended), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            ended.cancel()
        if self._ready.is_set():
            return
        if self.process.exit_code is not None:
            await asyncio.sleep(0.2)  # its last lines may still be on their way
            raise AgentError(
                f"The agent ended with exit code {self.process.exit_code} before it was ready.{self.tail()}"
            )
        raise AgentError(
            f"The agent did not get ready within agent.ready_timeout_s = {timeout_s:g} s: no log line matched "
            f"agent.ready_pattern = {self._settings.agent.ready_pattern!r}.{self.tail()}"
        )

    async def died(self) -> str:
        """Wait until the agent ends by itself, which it should not; return what to say about it."""
        exit_code = await self.process.wait()
        return f"The agent died with exit code {exit_code} during the scenario.{self.tail()}"

    def tail(self) -> str:
        """Return the agent's last log lines, for the end of a message."""
        if not self._last_lines:
            return " It wrote nothing."
        return " Its last lines:\n" + "\n".join(f"  {line}" for line in self._last_lines)

    def _record(self, line: bytes, t: float) -> None:
        text = line.decode(errors="replace")
        parsed = parse_line(text, t, self._settings.log_lines)
        self._last_lines.append(parsed.message)
        self._emit(parsed)
        if re.search(self._settings.agent.ready_pattern, parsed.message):
            self._ready.set()


@asynccontextmanager
async def running_agent(
    settings: GateSettings,
    livekit: Mapping[str, str],
    *,
    log: Path,
    clock: Clock,
    emit: Callable[[Event], None],
) -> AsyncIterator[AgentProcess]:
    """Start the agent and yield it once it takes calls; stop it and its whole tree afterwards. Raises AgentError."""
    process = await processes.start(
        [settings.agent.expand(word) for word in settings.agent.command],
        env=settings.agent_environment() | dict(livekit),
        cwd=settings.agent.working_directory,
        stdout=processes.PIPE,
        stderr=processes.STDOUT,
        grace_s=settings.agent.stop_timeout_s,
    )
    emit(ProcessEvent(clock(), "agent", "started", process.pid))
    agent = AgentProcess(process, settings, clock, emit)
    reading = asyncio.create_task(agent.read_log(log), name="agent log")
    try:
        await agent.wait_until_ready()
        emit(ProcessEvent(clock(), "agent", "ready", process.pid))
        yield agent
    finally:
        died = process.exit_code is not None
        exit_code = await asyncio.shield(asyncio.ensure_future(process.stop()))
        await asyncio.wait((reading,), timeout=_LOG_END_S)
        reading.cancel()
        emit(ProcessEvent(clock(), "agent", "died" if died else "stopped", process.pid, exit_code))
