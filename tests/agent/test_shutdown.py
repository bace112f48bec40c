"""Starting and stopping without losing calls."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from typing import cast

import pytest
from voicegate_agent.shutdown import STOP_SIGNALS, serve
from voicegate_agent.voice_server import VoiceServer


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Leave this process the handlers it had: serving ends with signals ignored."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class FakeServer:
    """A server whose calls last until told otherwise; `events` is what happened to it."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.active_jobs = ["a call", "another call"]
        self.running = False
        self.ready = asyncio.Event()
        self.calls_over = asyncio.Event()
        self.closed = asyncio.Event()
        self.error: Exception | None = None
        self.preparing = False

    async def run(self) -> None:
        """Serve until closed, fail, or prepare forever."""
        self.ready.set()
        try:
            if self.preparing:
                await asyncio.Event().wait()
            self.running = True
            if self.error:
                raise self.error
            await self.closed.wait()
        except asyncio.CancelledError:
            self.events.append("canceled")
            raise

    async def drain(self) -> None:
        """Wait for the calls."""
        self.events.append("draining")
        await self.calls_over.wait()
        self.active_jobs.clear()
        self.events.append("drained")

    async def aclose(self) -> None:
        """Close."""
        self.events.append("closed")
        self.closed.set()


def start(server: FakeServer) -> asyncio.Task[None]:
    """Serve in the background."""
    return asyncio.create_task(serve(cast(VoiceServer, server)))


def tell() -> None:
    """Send this process a stop signal."""
    os.kill(os.getpid(), signal.SIGTERM)


async def until(server: FakeServer, event: str) -> None:
    """Wait until something happened to the server."""
    while event not in server.events:
        await asyncio.sleep(0)


async def test_stop_lets_calls_end(caplog: pytest.LogCaptureFixture) -> None:
    """After the signal the server drains, then closes, and says that no call was cut off."""
    caplog.set_level(logging.INFO)
    server = FakeServer()
    serving = start(server)
    await server.ready.wait()
    tell()
    await until(server, "draining")
    server.calls_over.set()
    await serving
    assert server.events == ["draining", "drained", "closed"]
    assert "all calls have ended" in caplog.text


async def test_second_signal_closes_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """Who cannot wait for the calls asks again, and learns how many that cost."""
    server = FakeServer()
    serving = start(server)
    await server.ready.wait()
    tell()
    await until(server, "draining")
    tell()
    await serving
    assert server.events == ["draining", "closed"]
    assert "cuts off 2 calls" in caplog.text


async def test_stop_while_preparing_cancels() -> None:
    """A server that has not taken calls yet has nothing to drain."""
    server = FakeServer()
    server.preparing = True
    serving = start(server)
    await server.ready.wait()
    tell()
    await serving
    assert server.events == ["canceled"]


async def test_failure_is_passed_on() -> None:
    """When LiveKit stays out of reach the program must know, to exit with a failure."""
    server = FakeServer()
    server.error = RuntimeError("failed to connect to livekit after 16 attempts")
    with pytest.raises(RuntimeError, match="16 attempts"):
        await start(server)
    assert server.events == ["closed"]


def test_a_signal_that_comes_too_late_changes_nothing() -> None:
    """A process that is ending already is not killed by being told to end: its exit code stays what it was."""

    async def stop_soon() -> None:
        server = FakeServer()
        serving = start(server)
        await server.ready.wait()
        tell()
        server.calls_over.set()
        await serving

    asyncio.run(stop_soon())
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == [signal.SIG_IGN] * 2
