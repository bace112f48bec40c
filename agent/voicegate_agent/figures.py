"""What the agent says of itself at the moment, on a port, as JSON and as Prometheus' text: its memory, its calls, its models."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from pydantic import SecretStr

from voicegate_agent.capacity import Capacity
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.protocol import HostAddress, ModelHostError

FRESH_S = 1.0
"""How long a reading is given to all who ask: reading the memory of every process costs some milliseconds each."""

_HOST_S = 1.0


@dataclass(frozen=True, slots=True)
class Models:
    """Where the models are: in a host that calls share, elsewhere in one that somebody else started, or each call's own.

    `asr` and `tts` say how far they are, as the host does (`not loaded`, `loading`, `loaded`, `failed`); None if it does not.
    """

    host: Literal["shared", "elsewhere", "own"]
    asr: str | None = None
    tts: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """One reading; `memory_bytes` is the PSS of the agent's whole process tree, a model host of its own included.

    `capacity_from` is where the capacity comes from: the `setting`, or the `cores`.
    """

    memory_bytes: int
    calls: int
    capacity: int
    capacity_from: str
    models: Models


@dataclass(slots=True)
class FiguresSource:
    """Reads the figures when somebody asks, at most once a second; `host` is None where each call has its own models."""

    read_bytes: Callable[[], int]
    calls: Callable[[], int]
    capacity: Capacity
    host: HostAddress | None
    models_are_elsewhere: bool = False
    key: SecretStr | None = None
    refused: Callable[[], Mapping[Any, int]] = dict
    clock: Callable[[], float] = time.monotonic
    _last: Figures | None = field(default=None, init=False)
    _last_s: float = field(default=0.0, init=False)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def read(self) -> Figures:
        """Give the present figures."""
        async with self._reading:
            if self._last is None or self.clock() - self._last_s >= FRESH_S:
                memory_bytes, models = await asyncio.gather(
                    asyncio.to_thread(self.read_bytes), self._models()
                )
                capacity = self.capacity
                self._last = Figures(memory_bytes, self.calls(), capacity.calls, capacity.source, models)
                self._last_s = self.clock()
            return self._last

    async def _models(self) -> Models:
        if self.host is None:
            return Models("own")
        key = self.key.get_secret_value() if self.key else None
        try:
            async with ModelHostClient(self.host, api_key=key) as client:
                states = (await client.report(_HOST_S)).models
        except ModelHostError:
            states = {}
        where: Literal["shared", "elsewhere"] = "elsewhere" if self.models_are_elsewhere else "shared"
        return Models(where, states.get("asr"), states.get("tts"))


def prometheus_text(figures: Figures, refused: Mapping[Any, int]) -> bytes:
    """Write a reading as Prometheus reads it, with the calls refused so far by their reasons."""
    registry = CollectorRegistry()
    memory = Gauge("voicegate_agent_memory_bytes", "PSS of all processes of the agent", registry=registry)
    calls = Gauge("voicegate_calls", "Calls that run or are being started", registry=registry)
    capacity = Gauge(
        "voicegate_capacity", "Calls taken at once, and what says so", ["source"], registry=registry
    )
    refusals = Counter("voicegate_calls_refused", "Calls refused", ["reason"], registry=registry)
    memory.set(figures.memory_bytes)
    calls.set(figures.calls)
    capacity.labels(figures.capacity_from).set(figures.capacity)
    for reason, count in refused.items():
        refusals.labels(reason).inc(count)
    return generate_latest(registry)


@asynccontextmanager
async def served_figures(source: FiguresSource, host: str, port: int) -> AsyncIterator[None]:
    """Answer `GET /figures` and `GET /metrics` inside the block. Raises OSError when the port is taken."""
    app = web.Application()

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(asdict(await source.read()), headers={"Cache-Control": "no-store"})

    async def answer_prometheus(_: web.Request) -> web.StreamResponse:
        body = prometheus_text(await source.read(), source.refused())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app.router.add_get("/figures", answer)
    app.router.add_get("/metrics", answer_prometheus)
    runner = web.AppRunner(app, access_log=None)
    try:
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
