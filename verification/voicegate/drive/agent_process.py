"""The agent under test: prepared, started by its command, watched, its log recorded, stopped."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from voicegate.drive import processes
from voicegate.drive.agent_log import AgentLog, Following, first_of, followed, read_stream
from voicegate.drive.attached_agent import attached_agent
from voicegate.drive.errors import DriveError
from voicegate.drive.log_file import LogFile
from voicegate.drive.temporary import TMPDIR, temporary_folder
from voicegate.progress import Progress
from voicegate.record.events import Event, ProcessEvent
from voicegate.record.recording import Clock
from voicegate.redaction import Secrets
from voicegate.settings import GateSettings

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
    shown = settings.secrets().hide(" ".join(command))
    progress(f"Preparing the agent: {shown}")
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
        raise AgentError(f"Preparing the agent failed with exit code {exit_code}: {shown}")
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


class Agent(Protocol):
    """The agent that is called, started by the gate or not.

    Its processes are those below `holder_pid`, and the holder itself where it is the agent's first process, `pid`;
    both are None for an agent whose processes are not known.
    """

    @property
    def holder_pid(self) -> int | None:
        """The process below which all of the agent's are."""
        ...

    @property
    def pid(self) -> int | None:
        """The agent's first process."""
        ...

    @property
    def temporary(self) -> Path | None:
        """The folder for temporary files that is the agent's alone; None if there is none."""
        ...

    async def died(self) -> str:
        """Wait until the agent ends by itself, or its log is lost, which neither should; return what to say about it."""
        ...

    @property
    def log_lost(self) -> str | None:
        """Why its log is not known to its end; None if it is."""
        ...


@dataclass(frozen=True, slots=True)
class _Logs:
    """What an agent that was started writes, and its log, which may be the same; `ready` is set by either.

    `following` is the log file, None where the output is the log.
    """

    output: AgentLog
    log: AgentLog
    ready: asyncio.Event
    following: Following | None = None

    @property
    def error(self) -> DriveError | None:
        """What went wrong with one of the two."""
        return self.log.error or self.output.error

    def check(self) -> None:
        """Raise what went wrong with one of the two."""
        self.log.check()
        self.output.check()


class AgentProcess:
    """An agent that the gate started."""

    def __init__(
        self,
        process: processes.LeashedProcess,
        settings: GateSettings,
        logs: _Logs,
        temporary: Path | None = None,
    ) -> None:
        assert process.stdout is not None
        self.process = process
        self.temporary = temporary
        self._settings = settings
        self._logs = logs
        self._reading = asyncio.create_task(read_stream(process.stdout, logs.output), name="agent output")

    @property
    def holder_pid(self) -> int:
        """The leash."""
        return self.process.leash_pid

    @property
    def pid(self) -> int:
        """The command's process."""
        return self.process.pid

    async def wait_until_ready(self) -> None:
        """Wait for the line that says that calls are taken. Raises AgentError, AgentLogError or LogFileError."""
        timeout_s = self._settings.agent.ready_timeout_s
        await first_of(
            self._logs.ready.wait(),
            self.process.wait(),
            self._logs.log.failed.wait(),
            self._logs.output.failed.wait(),
            timeout_s=timeout_s,
        )
        self._logs.check()
        if self._logs.ready.is_set():
            return
        if self.process.exit_code is not None:
            await self._read_rest()
            raise AgentError(
                f"The agent ended with exit code {self.process.exit_code} before it was ready.{self._tail()}"
            )
        raise AgentError(
            f"The agent did not get ready within agent.ready_timeout_s = {timeout_s:g} s: no log line matched "
            f"agent.ready_pattern = {self._settings.agent.ready_pattern!r}{self._where()}.{self._tail()}"
        )

    async def died(self) -> str:
        """Wait until the agent ends by itself, or its log can be read or kept no more."""
        await first_of(self.process.wait(), self._logs.log.failed.wait(), self._logs.output.failed.wait())
        if self.process.exit_code is not None:
            await self._read_rest()
        if self.log_lost is not None:
            return self.log_lost
        return f"The agent died with exit code {self.process.exit_code} during the scenario.{self._tail()}"

    @property
    def log_lost(self) -> str | None:
        """What went wrong with its log or its output."""
        return None if self._logs.error is None else str(self._logs.error)

    async def stop(self) -> int:
        """Stop it with its whole tree, and take the last of what it wrote; return its exit code."""
        exit_code = await self.process.stop()
        await self._read_rest()
        self._reading.cancel()
        return exit_code

    async def _read_rest(self) -> None:
        """Take the last lines of an agent that has ended: its output closes when its tree is gone."""
        await asyncio.wait((self._reading,), timeout=_LOG_END_S)
        if self._logs.following is not None:
            self._logs.following.read_rest()

    def _where(self) -> str:
        path = self._settings.agent.log_file
        if path is None:
            return ""
        return f" in {path}" if path.exists() else f"; agent.log_file = {path} is not there"

    def _tail(self) -> str:
        return (self._logs.output if self._logs.output.wrote else self._logs.log).tail()


@asynccontextmanager
async def running_agent(
    settings: GateSettings,
    livekit: Mapping[str, str],
    *,
    log: Path,
    clock: Clock,
    emit: Callable[[Event], None],
) -> AsyncIterator[Agent]:
    """Yield the agent once it takes calls; one that was started is stopped afterwards, with its whole tree.

    Its log is kept in the file `log`; where that is not what a command writes, its output is kept beside it. Raises
    AgentError, AgentLogError or LogFileError.
    """
    if settings.agent.attached:
        async with attached_agent(settings, log=log, clock=clock, emit=emit) as attached:
            yield attached
        return
    async with AsyncExitStack() as stack:
        secrets = settings.secrets()
        secrets.add(*(livekit[name] for name in ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET") if name in livekit))
        logs = await _open_logs(stack, settings, log, clock, emit, secrets)
        temporary = stack.enter_context(temporary_folder(settings))
        process = await _start(settings, livekit, temporary)
        emit(ProcessEvent(clock(), "agent", "started", process.pid))
        agent = AgentProcess(process, settings, logs, temporary)
        try:
            await agent.wait_until_ready()
            emit(ProcessEvent(clock(), "agent", "ready", process.pid))
            yield agent
        finally:
            died = process.exit_code is not None
            exit_code = await asyncio.shield(asyncio.ensure_future(agent.stop()))
            emit(ProcessEvent(clock(), "agent", "died" if died else "stopped", process.pid, exit_code))


def output_log(log: Path) -> Path:
    """Name the file that keeps what a command writes, where that is not its log."""
    return log.with_stem(f"{log.stem}-output")


async def _open_logs(
    stack: AsyncExitStack,
    settings: GateSettings,
    log: Path,
    clock: Clock,
    emit: Callable[[Event], None],
    secrets: Secrets,
) -> _Logs:
    """Open what the agent's output and its log go to, before it starts and may write into a file that is there."""
    source, path, ready = settings.agent.log_source, settings.agent.log_file, asyncio.Event()
    if source == "stdout":
        both = stack.enter_context(closing(AgentLog(log, settings, clock, emit, ready, secrets)))
        return _Logs(both, both, ready)
    output = stack.enter_context(closing(AgentLog(output_log(log), settings, clock, None, ready, secrets)))
    if path is None:
        return _Logs(output, output, ready)
    in_file = stack.enter_context(closing(AgentLog(log, settings, clock, emit, ready, secrets)))
    following = await stack.enter_async_context(followed(LogFile(path), in_file))
    return _Logs(output, in_file, ready, following)


async def _start(
    settings: GateSettings, livekit: Mapping[str, str], temporary: Path | None
) -> processes.LeashedProcess:
    own = {} if temporary is None else {TMPDIR: str(temporary)}
    return await processes.start(
        [settings.agent.expand(word) for word in settings.agent.command],
        env=settings.agent_environment() | own | dict(livekit),
        cwd=settings.agent.working_directory,
        stdout=processes.PIPE,
        stderr=processes.STDOUT,
        grace_s=settings.agent.stop_timeout_s,
    )
