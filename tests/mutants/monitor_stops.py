"""The memory monitor reports for a while, and then never again."""

import asyncio
import contextlib

from mutants.broken_agent import start
from voicegate_agent.memory_monitor import MemoryMonitor

LIVES_S = 15.0

run = MemoryMonitor.run


async def run_for_a_while(self: MemoryMonitor) -> None:
    """Report, and end as a task does that nobody watches."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIVES_S):
            await run(self)


def break_it() -> None:
    """End early."""
    MemoryMonitor.run = run_for_a_while


if __name__ == "__main__":
    break_it()
    start()
