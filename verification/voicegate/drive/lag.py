"""How late the event loop is that callers live in: what they hear late then is not the agent's doing."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from voicegate.record.events import CallerProcessSample, Event
from voicegate.record.recording import Clock

_TICK_S = 0.05
_EVERY_S = 0.5


async def measure_callers(
    process: str, interval_s: float, calls: Callable[[], int], clock: Clock
) -> CallerProcessSample:
    """Measure for an interval how late this process's event loop is, and how many cores the process uses."""
    began, used_s = time.monotonic(), _cpu_s()
    worst_s, until = 0.0, began + interval_s
    while (now := time.monotonic()) < until:
        await asyncio.sleep(_TICK_S)
        worst_s = max(worst_s, time.monotonic() - now - _TICK_S)
    cores = (_cpu_s() - used_s) / (time.monotonic() - began)
    return CallerProcessSample(clock(), process, calls(), cores, worst_s)


@asynccontextmanager
async def noting_lag(
    process: str, calls: Callable[[], int], clock: Clock, emit: Callable[[Event], None]
) -> AsyncIterator[None]:
    """Record every half second how this process keeps up, until the block is left."""

    async def note() -> None:
        while True:
            emit(await measure_callers(process, _EVERY_S, calls, clock))

    noting = asyncio.create_task(note(), name="lag of the gate")
    try:
        yield
        if noting.done():
            noting.result()  # which raises what ended it
    finally:
        noting.cancel()
        await asyncio.gather(noting, return_exceptions=True)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
