"""How a model host elsewhere is, as far as it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from voicegate_agent.host_watch import HostWatch
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.protocol import HostAddress, HostReport

LOADED = {"asr": "loaded", "tts": "loaded", "turn_wait_s": 3.5}


class Host:
    """Answers with what it is told to, or not at all where that is nothing."""

    def __init__(self) -> None:
        self.answer: dict[str, object] | None = dict(LOADED)
        self.asked = 0

    async def report(self, _: web.Request) -> web.Response:
        """Answer."""
        self.asked += 1
        if self.answer is None:
            await asyncio.sleep(60)
        return web.json_response(self.answer)

    @asynccontextmanager
    async def watched(self, path: str = "/readyz") -> AsyncIterator[tuple[HostWatch, asyncio.Task[None]]]:
        """Serve it, and watch it."""
        app = web.Application()
        app.router.add_get(path, self.report)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        watch = HostWatch()
        async with ModelHostClient(HostAddress.parse(f"http://127.0.0.1:{runner.addresses[0][1]}")) as client:
            task = asyncio.create_task(watch.run(client, every_s=0.001, deadline_s=0.2))
            yield watch, task
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await runner.cleanup()


async def test_a_host_that_answers_is_ready() -> None:
    """It says how long turns wait; one that hangs is not ready until it answers again."""
    host = Host()
    async with host.watched() as (watch, _):
        while watch.report == HostReport():
            await asyncio.sleep(0.001)
        assert (watch.ready, watch.report.turn_wait_s) == (True, 3.5)
        host.answer = None
        while watch.ready:
            await asyncio.sleep(0.001)
        host.answer = dict(LOADED)
        while not watch.ready:
            await asyncio.sleep(0.001)


async def test_a_host_that_is_stuck_in_loading_is_not_ready() -> None:
    """One that loads is: calls wait for that."""
    host = Host()
    host.answer = {"asr": "loading", "tts": "loaded"}
    async with host.watched() as (watch, _):
        while host.asked < 2:
            await asyncio.sleep(0.001)
        assert watch.ready
        host.answer = {"asr": "stuck", "tts": "loaded"}
        while watch.ready:
            await asyncio.sleep(0.001)


async def test_a_server_that_does_not_say_is_left_alone() -> None:
    """Somebody else's speech server has no such path: it counts as ready."""
    host = Host()
    async with host.watched("/other") as (watch, task):
        await asyncio.wait_for(task, 10)
        assert (watch.ready, watch.report) == (True, HostReport())
