"""Every caller waits for the agent: it joins late, and all is well from then on."""

import asyncio
from typing import Any

from livekit.agents import JobContext
from mutants.broken_agent import start_with_broken_calls

LATE_S = 6.0

connect = JobContext.connect


async def connect_late(self: JobContext, **options: Any) -> None:
    """Let the caller wait, then join."""
    await asyncio.sleep(LATE_S)
    await connect(self, **options)


def break_it() -> None:
    """Take one's time."""
    JobContext.connect = connect_late


if __name__ == "__main__":
    start_with_broken_calls(break_it)
