"""What the agent says of itself at the moment."""

import asyncio
import collections
from dataclasses import asdict, replace

import aiohttp
from aiohttp import web
from voicegate_agent.capacity import Capacity
from voicegate_agent.figures import Figures, FiguresSource, Models, served_figures
from voicegate_agent.model_host.protocol import HostAddress

CAPACITY = Capacity(20, "cores", "5 for each of 4 cores")
OWN = Figures(1000, 2, 20, "cores", Models("own"))
STATES = {"status": "ready", "asr": "loaded", "tts": "not loaded"}


class Agent:
    """An agent whose memory is read as often as `readings` counts."""

    def __init__(self) -> None:
        self.readings = 0
        self.now_s = 0.0

    def source(self, host: HostAddress | None = None) -> FiguresSource:
        """Make a source on this clock."""
        return FiguresSource(self.read, lambda: 2, CAPACITY, host, clock=lambda: self.now_s)

    def read(self) -> int:
        """Read another memory each time."""
        self.readings += 1
        return self.readings * 1000


async def served(app: web.Application) -> tuple[web.AppRunner, int]:
    """Serve an application on any free port."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


async def test_many_who_ask_share_a_reading_for_a_second() -> None:
    """Memory is not read again for each open page."""
    agent = Agent()
    source = agent.source()
    answers = await asyncio.gather(*(source.read() for _ in range(5)))
    assert set(answers) == {OWN}
    agent.now_s = 1.0
    assert (await source.read()).memory_bytes == 2000


async def test_models_are_as_far_as_the_host_says() -> None:
    """A host that is gone, or somebody else's that has no such route, leaves them unsaid."""

    async def ready(_: web.Request) -> web.Response:
        return web.json_response(STATES, status=503)

    app = web.Application()
    app.router.add_get("/readyz", ready)
    ours, port = await served(app)
    other, other_port = await served(web.Application())
    assert (await Agent().source(HostAddress.parse(f"http://127.0.0.1:{port}")).read()).models == Models(
        "shared", "loaded", "not loaded"
    )
    nothing = Models("shared")
    assert (
        await Agent().source(HostAddress.parse(f"http://127.0.0.1:{other_port}")).read()
    ).models == nothing
    await ours.cleanup()
    assert (await Agent().source(HostAddress.parse(f"http://127.0.0.1:{port}")).read()).models == nothing
    await other.cleanup()


async def test_they_are_served_as_json_and_kept_by_nobody(unused_tcp_port: int) -> None:
    """`GET /figures` on the port of the settings."""
    async with (
        served_figures(Agent().source(), "127.0.0.1", unused_tcp_port),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{unused_tcp_port}/figures") as reply,
    ):
        assert reply.headers["Cache-Control"] == "no-store"
        assert await reply.json() == asdict(OWN)


async def test_prometheus_reads_them_too(unused_tcp_port: int) -> None:
    """With what says how many calls are taken, and the calls that were refused, by their reasons."""
    source = replace(Agent().source(), refused=lambda: collections.Counter({"at_capacity": 3}))
    async with (
        served_figures(source, "127.0.0.1", unused_tcp_port),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{unused_tcp_port}/metrics") as reply,
    ):
        lines = (await reply.text()).splitlines()
    assert {
        "voicegate_calls 2.0",
        'voicegate_capacity{source="cores"} 20.0',
        "voicegate_agent_memory_bytes 1000.0",
        'voicegate_calls_refused_total{reason="at_capacity"} 3.0',
    } <= set(lines)
