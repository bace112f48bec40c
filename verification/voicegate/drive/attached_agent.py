"""An agent that runs already: watched where its process is known, its log followed, and never stopped."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path

import psutil

from voicegate.drive.agent_log import AgentLog, first_of, followed
from voicegate.drive.errors import DriveError
from voicegate.drive.log_file import LogFile, LogFileError
from voicegate.gate_checks import agent_pid
from voicegate.record.events import Event, ProcessEvent
from voicegate.record.recording import Clock
from voicegate.settings import GateSettings


class AttachError(DriveError):
    """An agent that cannot be watched; the message says what is in the way."""


class AttachedAgent:
    """An agent that the gate did not start; `pid` is None where its processes are not known."""

    def __init__(self, pid: int | None, ended: asyncio.Event, log: AgentLog | None) -> None:
        self.pid = pid
        self._ended = ended
        self._log = log

    @property
    def holder_pid(self) -> int | None:
        """The agent's first process: there is nothing above it that is the gate's."""
        return self.pid

    @property
    def temporary(self) -> None:
        """Which temporary files are its own is not known."""
        return

    async def died(self) -> str:
        """Wait until the agent's first process has ended, or its log can be read or kept no more."""
        await first_of(self._ended.wait(), *([self._log.failed.wait()] if self._log else []))
        if self.log_lost is not None:
            return self.log_lost
        return f"The agent (PID {self.pid}) ended during the scenario.{self._log.tail() if self._log else ''}"

    @property
    def log_lost(self) -> str | None:
        """What went wrong with its log."""
        return str(self._log.error) if self._log and self._log.error else None


@asynccontextmanager
async def attached_agent(
    settings: GateSettings, *, log: Path, clock: Clock, emit: Callable[[Event], None]
) -> AsyncIterator[AttachedAgent]:
    """Yield an agent that takes calls already, once its log file is there.

    Raises SettingsError when it is gone, AttachError or LogFileError when it or its log cannot be read.
    """
    pid = agent_pid(settings)
    ended = asyncio.Event()
    async with AsyncExitStack() as stack:
        if pid is not None:
            _check_readable(pid)
            stack.enter_context(_end_of(pid, ended))
        agent_log = await _follow_log(stack, settings, log, clock, emit)
        if pid is not None:
            emit(ProcessEvent(clock(), "agent", "ready", pid))
        try:
            yield AttachedAgent(pid, ended, agent_log)
        finally:
            if pid is not None and ended.is_set():
                emit(ProcessEvent(clock(), "agent", "died", pid))


def agent_command(settings: GateSettings) -> tuple[str, ...]:
    """Return the agent's command, or what stands for it where the agent runs already. Raises SettingsError.

    Of a process that somebody else started only the program's name is told: what is in its command line is not ours to keep.
    """
    if not settings.agent.attached:
        return tuple(settings.agent.expand(word) for word in settings.agent.command)
    pid = agent_pid(settings)
    if pid is None:
        return ("(an agent that runs already)",)
    try:
        program = psutil.Process(pid).name()
    except psutil.Error:
        return (f"(PID {pid})",)
    return (f"(PID {pid})", program)


async def _follow_log(
    stack: AsyncExitStack, settings: GateSettings, log: Path, clock: Clock, emit: Callable[[Event], None]
) -> AgentLog | None:
    path = settings.agent.log_file
    if path is None:
        return None
    agent_log = stack.enter_context(
        closing(AgentLog(log, settings, clock, emit, asyncio.Event(), settings.secrets()))
    )
    appeared = (await stack.enter_async_context(followed(LogFile(path), agent_log))).appeared
    await first_of(appeared.wait(), agent_log.failed.wait(), timeout_s=settings.agent.ready_timeout_s)
    agent_log.check()
    if not appeared.is_set():
        raise LogFileError(
            f"agent.log_file = {path} did not appear within agent.ready_timeout_s = "
            f"{settings.agent.ready_timeout_s:g} s. Is it the file that the agent writes?"
        )
    return agent_log


def _check_readable(pid: int) -> None:
    try:
        psutil.Process(pid).memory_full_info()
    except psutil.AccessDenied:
        raise AttachError(
            f"The memory of the agent (PID {pid}) may not be read: run the gate as the agent's user, or as root."
        ) from None
    except psutil.NoSuchProcess:
        raise AttachError(
            f"The agent (PID {pid}) ended before the first call. See its own log for the reason."
        ) from None


@contextmanager
def _end_of(pid: int, ended: asyncio.Event) -> Iterator[None]:
    """Set `ended` when the process ends, as long as the block lasts."""
    loop = asyncio.get_running_loop()
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        raise AttachError(
            f"The agent (PID {pid}) ended before the first call. See its own log for the reason."
        ) from None
    loop.add_reader(descriptor, ended.set)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
