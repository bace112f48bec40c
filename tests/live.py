"""A LiveKit server and agents as processes of their own, for any test that asks for them by name."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio.from_thread
import psutil
import pytest
from platformdirs import user_cache_path
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.settings import LiveKitSection

READY = "registered worker"
READY_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 20.0
POLL_S = 0.05

INTERRUPTIBLE = ("env", "--default-signal=INT")
"""Before a command that is sent Ctrl-C: a shell starts what runs in its background with that signal ignored."""

StartAgent = Callable[..., AbstractAsyncContextManager["RunningAgent"]]

Held = TypeVar("Held")


async def until(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Wait for a condition; fail with a sentence when it does not come true."""
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        pytest.fail(f"{what} not within {timeout_s:.0f} s")


@contextmanager
def in_background(context: AbstractAsyncContextManager[Held]) -> Iterator[Held]:
    """Hold something open in a thread of its own, for tests that each have an event loop of their own."""
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(context) as held,
    ):
        yield held


@pytest.fixture(scope="session")
def livekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKitServer]:
    """Have one LiveKit server for all tests: the one in the environment, or one of our own. Tests use rooms of their own."""
    section = LiveKitSection.model_validate(
        {
            name: os.environ[variable]
            for name, variable in (
                ("url", "LIVEKIT_URL"),
                ("api_key", "LIVEKIT_API_KEY"),
                ("api_secret", "LIVEKIT_API_SECRET"),
            )
            if variable in os.environ
        }
    )
    log = tmp_path_factory.mktemp("livekit") / "livekit-server.log"
    context = livekit_server(
        section,
        os.environ,
        cache=user_cache_path("voicegate"),
        log=log,
        progress=print,
        on_step=lambda *_: None,
    )
    with in_background(context) as server:
        yield server


@dataclass(frozen=True, slots=True)
class RunningAgent:
    """An agent's first process, and where its log goes."""

    process: asyncio.subprocess.Process
    log_path: Path

    def log(self) -> str:
        """Read what it has logged so far."""
        return self.log_path.read_text(encoding="utf-8")

    def processes(self) -> list[psutil.Process]:
        """List it and all its descendants."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    async def stop(self) -> int:
        """Ask it to stop twice, which ends calls too; kill it if that does not help. Return its exit code."""
        for number, timeout_s in ((signal.SIGTERM, 1), (signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, 5)):
            if self.process.returncode is not None:
                break
            self.process.send_signal(number)
            try:
                await asyncio.wait_for(self.process.wait(), timeout_s)
            except TimeoutError:
                continue
        return await self.process.wait()


@asynccontextmanager
async def running_agent(
    livekit: LiveKitServer, folder: Path, *command: str, ready: bool = True, **variables: str
) -> AsyncIterator[RunningAgent]:
    """Run an agent, with settings as arguments, for the length of a block; its log goes into the folder.

    One that several tests share gets every call on its server: none of them may start another.
    """
    environment = {**os.environ, **livekit.environment(), **variables}
    log_path = folder / "agent.log"
    with log_path.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *(command or ("voicegate_agent",))),
            stdout=output,
            stderr=output,
            env=environment,
        )
    agent = RunningAgent(process, log_path)
    try:
        if ready:
            await until(
                lambda: READY in agent.log() or process.returncode is not None,
                READY_TIMEOUT_S,
                "the agent is ready",
            )
            assert process.returncode is None, agent.log()
        yield agent
    finally:
        await agent.stop()


@pytest.fixture
def start_agent(livekit: LiveKitServer, tmp_path: Path) -> StartAgent:
    """Give a function that runs an agent, with settings as arguments, for the length of a block."""
    return partial(running_agent, livekit, tmp_path)


@pytest.fixture(scope="module")
def agent(livekit: LiveKitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """Have one agent for all tests of a module, with its models loaded: first calls are for tests that start their own."""
    folder = tmp_path_factory.mktemp("agent")
    with in_background(running_agent(livekit, folder, VOICEGATE_LOAD_AT_START="true")) as running:
        yield running
