"""Child processes that are not left behind: started on a leash, stopped with their whole tree.

If the gate is killed, the leash stops the tree. If the leash is killed, the program itself goes with it, and the gate finds the rest
by a mark in their environment. Only where both are killed at once may processes stay that the program started.
"""

import asyncio
import contextlib
import json
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from voicegate.drive.errors import DriveError

LEASH = Path(__file__).with_name("leash.py")
_LEASH_SPARE_S = 15.0
_LINE_BYTES = 1 << 20
_MARKED_BY = "GATE_LEASH"
_ORPHANS_S = {signal.SIGTERM: 3.0, signal.SIGKILL: 5.0}
_LOOK_EVERY_S = 0.1

PIPE = asyncio.subprocess.PIPE
STDOUT = asyncio.subprocess.STDOUT
DEVNULL = asyncio.subprocess.DEVNULL


class ProcessError(DriveError):
    """A program that could not be started; the message names it and the reason."""


@dataclass(slots=True)
class LeashedProcess:
    """A running program and the leash that holds it.

    `pid` is the program's; `leash_pid` is its parent, below which every process of its tree is found, orphans
    included. `stdout` and `stderr` are there where they were asked to be pipes.
    """

    command: tuple[str, ...]
    pid: int
    _leash: asyncio.subprocess.Process
    _control: asyncio.StreamWriter
    _exit: asyncio.Task[int]
    _grace_s: float
    _mark: str

    @property
    def leash_pid(self) -> int:
        """The process that holds the tree."""
        return self._leash.pid

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """What the program writes, if it was started with a pipe."""
        return self._leash.stdout

    @property
    def stderr(self) -> asyncio.StreamReader | None:
        """What the program writes to its standard error, if it was started with a pipe."""
        return self._leash.stderr

    @property
    def exit_code(self) -> int | None:
        """How the program ended, negative for a signal; None while it runs."""
        return self._exit.result() if self._exit.done() and not self._exit.cancelled() else None

    async def wait(self) -> int:
        """Wait until the program has ended; return its exit code. What it leaves behind is then being stopped."""
        return await asyncio.shield(self._exit)

    async def stop(self) -> int:
        """Ask, wait, terminate, wait, kill: end the tree in bounded time; return the program's exit code."""
        if self._control.can_write_eof() and not self._control.is_closing():
            self._control.write_eof()
        try:
            await asyncio.wait_for(self._leash_ended(), self._grace_s + _LEASH_SPARE_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._leash.kill()
        if await self._leash_ended() < 0:
            await _end_orphans(self._mark)
        exit_code = await self._exit
        self._control.close()
        return exit_code

    async def _leash_ended(self) -> int:
        """Wait for the leash alone: asyncio's own `wait` also waits for those that still hold its output."""
        while (exit_code := self._leash.returncode) is None:  # noqa: ASYNC110 - asyncio has no event for it
            await asyncio.sleep(_LOOK_EVERY_S)
        return exit_code


async def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    grace_s: float = 10.0,
) -> LeashedProcess:
    """Start a program on a leash; `grace_s` is how long it may take to end when asked.

    It reads nothing on its standard input and gets no Ctrl-C from the terminal: the gate gets that, and stops it.
    Raises ProcessError.
    """
    mark = secrets.token_hex(8)
    ours, theirs = socket.socketpair()
    with theirs:
        leash = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(LEASH), str(theirs.fileno()), str(grace_s), mark, *command),
            stdin=DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=env,
            cwd=cwd,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            limit=_LINE_BYTES,
        )
    reader, writer = await asyncio.open_connection(sock=ours)
    first = await _read_message(reader)
    if "pid" not in first:
        await leash.wait()
        writer.close()
        raise ProcessError(str(first.get("error", f"cannot start {command[0]}: its leash did not come up")))
    exit_task = asyncio.create_task(_exit_code(reader), name=f"exit of {command[0]}")
    return LeashedProcess(tuple(command), int(first["pid"]), leash, writer, exit_task, grace_s, mark)


@asynccontextmanager
async def running(process: LeashedProcess) -> AsyncIterator[LeashedProcess]:
    """Stop the process when the block is left, however it is left."""
    try:
        yield process
    finally:
        await asyncio.shield(asyncio.ensure_future(process.stop()))


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """How a program ended that was asked something, and what it wrote."""

    exit_code: int
    output: str
    complaint: str

    @property
    def last_words(self) -> str:
        """The last line of its complaint, or of its output; empty when it wrote nothing."""
        return next(
            (text.strip().splitlines()[-1] for text in (self.complaint, self.output) if text.strip()), ""
        )


async def ask(
    command: Sequence[str], timeout_s: float, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> CommandOutput:
    """Run a program to its end and return what it wrote; nothing of its tree is left, in time or not.

    Raises ProcessError when it cannot be started, or did not end in time.
    """
    process = await start(command, env=env, cwd=cwd, stdout=PIPE, stderr=PIPE, grace_s=1.0)
    async with running(process):
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            async with asyncio.timeout(timeout_s):
                output, complaint = await asyncio.gather(process.stdout.read(), process.stderr.read())
                exit_code = await process.wait()
        except TimeoutError:
            raise ProcessError(f"{command[0]} did not answer within {timeout_s:g} s") from None
    return CommandOutput(exit_code, output.decode(errors="replace"), complaint.decode(errors="replace"))


async def _end_orphans(mark: str) -> None:
    """End what a leash left behind that was killed: terminate and wait, kill and wait."""
    for number, wait_s in _ORPHANS_S.items():
        until_s = time.monotonic() + wait_s
        asked: set[psutil.Process] = set()
        while (orphans := _marked(mark)) and time.monotonic() < until_s:
            for orphan in orphans - asked:
                with contextlib.suppress(psutil.Error):
                    orphan.send_signal(number)
            asked |= orphans
            await asyncio.sleep(_LOOK_EVERY_S)


def _marked(mark: str) -> set[psutil.Process]:
    """Find the processes that were started by the leash with this mark, directly or not."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(_MARKED_BY) == mark:
                found.add(process)
    return found


async def _exit_code(reader: asyncio.StreamReader) -> int:
    return int((await _read_message(reader)).get("exit_code", -signal.SIGKILL))


async def _read_message(reader: asyncio.StreamReader) -> dict[str, Any]:
    try:
        message: dict[str, Any] = json.loads(await reader.readline() or b"{}")
    except (OSError, ValueError):
        return {}
    return message
