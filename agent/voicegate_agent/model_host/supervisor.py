"""Keeps a model host running as a child of this process: ready before use, restarted, gone afterwards."""

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import (
    HostAddress,
    HostReport,
    LoadState,
    ModelHostError,
    ModelHostTimeoutError,
    ModelHostUnavailableError,
    ModelKind,
)
from voicegate_agent.model_host.surroundings import host_environment

logger = logging.getLogger("voicegate_agent.model_host")

MANY_FAILURES = 3

LONGEST_SOCKET_PATH_BYTES = 107
"""What fits into Linux' `sockaddr_un` with its final zero."""


@dataclass(frozen=True, slots=True)
class SupervisorTimeouts:
    """How long the supervisor waits for what; `steady_s` up means that the next failure is a new one.

    A host that misses a probe's deadline twice in a row is ended. It must be longer than 30 s of speech take to hear.
    """

    ready_s: float = 120.0
    probe_every_s: float = 3.0
    probe_s: float = 10.0
    stop_s: float = 5.0
    first_backoff_s: float = 0.2
    longest_backoff_s: float = 30.0
    steady_s: float = 60.0
    poll_s: float = 0.05


def host_command(config: HostConfig, socket_path: Path) -> list[str]:
    """Give the command line of a host that serves `config` on a socket and goes with its parent."""
    program = [sys.executable, "-m", "voicegate_agent.model_host", f"--socket={socket_path}", "--with-parent"]
    return [*program, *config.to_arguments()]


class ModelHostSupervisor:
    """An async context manager: inside it a host answers at `address`, also again after it died.

    The host's log goes to this process's standard error. It is told to stop by closing its standard input,
    which the kernel also does when this process is killed. Entering raises ModelHostUnavailableError when the
    host does not become ready.
    """

    def __init__(
        self,
        config: HostConfig,
        *,
        timeouts: SupervisorTimeouts | None = None,
        command: Callable[[HostConfig, Path], Sequence[str]] = host_command,
    ) -> None:
        self._config = config
        self._timeouts = timeouts or SupervisorTimeouts()
        self._command = command
        self._folder: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._restarts = 0
        self._failures = 0
        self._ready = True
        self.report = HostReport()

    @property
    def address(self) -> HostAddress:
        """Where the host listens, the same over restarts; only inside the context."""
        if self._folder is None:
            raise RuntimeError("the model host was not started")
        return HostAddress.parse(f"unix:{self._socket_path(self._folder)}")

    @property
    def pid(self) -> int | None:
        """The running host's process id."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def ready(self) -> bool:
        """Whether a call can expect speech: not while the host hangs, or dies again and again.

        A host that died once is back in seconds, which a call can wait for.
        """
        return self._ready

    async def __aenter__(self) -> Self:
        self._folder = _private_folder()
        try:
            process = await self._start()
        except BaseException:
            await self._stop()
            raise
        self._watcher = asyncio.create_task(self._keep_running(process), name="model host supervisor")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        await self._stop()

    async def _keep_running(self, process: asyncio.subprocess.Process) -> None:
        """Start the host again whenever it has ended, later each time while it does not stay up."""
        while True:
            up_since_s = time.monotonic()
            hung = await self._run_until_ended(process)
            if time.monotonic() - up_since_s > self._timeouts.steady_s and not hung:
                self._failures = 0
            wait_s = self._note_failure()
            logger.error(
                "the model host (pid %s) ended with status %s; starting it again in %.1f s",
                process.pid, process.returncode, wait_s,
            )  # fmt: skip
            process = await self._start_again(wait_s)

    def _note_failure(self) -> float:
        """Count an end or a start that failed, tell when there are many in a row, and give how long to wait."""
        self._failures += 1
        if self._failures >= MANY_FAILURES:
            self._ready = False
            logger.critical(
                "the model host has failed %d times without staying up for %.0f s: calls have no speech. Its log above "
                "says why", self._failures, self._timeouts.steady_s,
            )  # fmt: skip
        longest_s, doublings = self._timeouts.longest_backoff_s, min(self._failures - 1, 20)
        return min(self._timeouts.first_backoff_s * 2.0**doublings, longest_s)

    async def _run_until_ended(self, process: asyncio.subprocess.Process) -> bool:
        """Wait for the host's end, and bring it about when it hangs; returns whether it did."""
        probes = asyncio.create_task(self._probe_until_it_hangs(), name="model host probes")
        loads = asyncio.create_task(self._load_again(), name="model host loads again")
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({probes, ended}, return_when=asyncio.FIRST_COMPLETED)
            hung = not ended.done()
            if hung:
                logger.error("the model host (pid %s) %s: it hangs, and is ended", process.pid, await probes)
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await ended
        finally:
            for task in (probes, loads, ended):
                task.cancel()
            await asyncio.wait({probes, loads, ended})
        return hung

    async def _probe_until_it_hangs(self) -> str:
        """Return what is wrong when the host has missed two deadlines in a row, or loads a model for too long."""
        async with ModelHostClient(self.address) as client:
            missed = 0
            while True:
                try:
                    self.report = await client.report(self._timeouts.probe_s)
                    states = self.report.models.values()
                    if LoadState.STUCK in states:
                        self._ready = False
                        return "has been loading a model for too long (see VOICEGATE_LONGEST_LOAD_S)"
                    self._ready, missed = self._ready or LoadState.LOADING not in states, 0
                except ModelHostTimeoutError:
                    self._ready = False
                    missed += 1
                    if missed == 2:
                        return f"did not answer a probe within {self._timeouts.probe_s:.0f} s, twice"
                except ModelHostError as error:  # it is going, and its end will be seen
                    logger.debug("no probe: %s", error)
                await asyncio.sleep(self._timeouts.poll_s if missed else self._timeouts.probe_every_s)

    async def _load_again(self) -> None:
        """Have the models of a host that was restarted loaded before the next turn needs them."""
        if not self._restarts:
            return
        async with ModelHostClient(self.address) as client:
            for kind in ModelKind:
                try:
                    await client.load(kind)
                except ModelHostError as error:
                    logger.error("%s", error)

    async def _start_again(self, wait_s: float) -> asyncio.subprocess.Process:
        while True:
            await asyncio.sleep(wait_s)
            self._restarts += 1
            try:
                return await self._start()
            except Exception as error:  # noqa: BLE001 - whatever it was, nobody else would try again
                wait_s = self._note_failure()
                logger.error("%s; trying again in %.1f s", error, wait_s)
                await self._end_process()

    async def _start(self) -> asyncio.subprocess.Process:
        assert self._folder is not None
        self._folder.mkdir(mode=0o700, exist_ok=True)
        command = self._command(self._config, self._socket_path(self._folder))
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, env=host_environment(os.environ)
        )
        await self._wait_until_ready(self._process)
        return self._process

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        patience_s = self._timeouts.ready_s
        if self._config.settings.load_at_start:
            patience_s += sum(self._config.longest_load_s.values())
        deadline_s = time.monotonic() + patience_s
        async with ModelHostClient(self.address) as client:
            while not await client.is_healthy():
                if process.returncode is not None:
                    message = (
                        f"the model host ended with status {process.returncode} while starting; see its log"
                    )
                    raise ModelHostUnavailableError(message)
                if time.monotonic() > deadline_s:
                    message = f"the model host was not ready after {patience_s:.0f} s"
                    raise ModelHostUnavailableError(message)
                await asyncio.sleep(self._timeouts.poll_s)

    async def _stop(self) -> None:
        await self._end_process()
        if self._folder is not None:
            _remove_folder(self._folder)
            self._folder = None

    async def _end_process(self) -> None:
        """Ask, wait, terminate, wait, kill."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        for stop in (process.stdin.close, process.terminate, process.kill):
            with contextlib.suppress(ProcessLookupError):
                stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._timeouts.stop_s)
                return

    @staticmethod
    def _socket_path(folder: Path) -> Path:
        return folder / "host.sock"


def _private_folder() -> Path:
    for parent in (tempfile.gettempdir(), "/tmp"):
        folder = Path(tempfile.mkdtemp(prefix="voicegate-", dir=parent))
        if len(os.fsencode(folder / "host.sock")) <= LONGEST_SOCKET_PATH_BYTES:
            return folder
        folder.rmdir()
    message = f"no folder for the model host's socket: {folder} is too long; set TMPDIR to a shorter path"
    raise ModelHostUnavailableError(message)


def _remove_folder(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        for leftover in folder.iterdir():
            leftover.unlink(missing_ok=True)
        folder.rmdir()
