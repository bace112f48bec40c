"""Joins of rooms, which must not be cancelled: LiveKit's client ends the whole process when one is, in its middle.

A caller who gives up leaves its join behind. It ends by itself: LiveKit's client tries for some seconds, and not at all once the
server is gone. Whoever ends the event loop waits for it, as asyncio cancels whatever is left then.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

_LONGEST_S = 60.0
_joins: set[asyncio.Task[None]] = set()


def joining(join: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin to join a room; await the task through `asyncio.shield` only."""
    task = asyncio.create_task(join, name="join")
    _joins.add(task)
    task.add_done_callback(_over)
    return task


async def joins_over(longest_s: float = _LONGEST_S) -> None:
    """Wait until no join is left, for no longer than this."""
    left = [task for task in _joins if task.get_loop() is asyncio.get_running_loop()]
    if left:
        await asyncio.wait(left, timeout=longest_s)


def _over(task: asyncio.Task[None]) -> None:
    _joins.discard(task)
    if not task.cancelled():
        task.exception()  # whoever still waits for it gets it too
