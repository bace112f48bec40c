"""Joins of rooms: a caller's token, and the join itself, which must not be cancelled: LiveKit's client ends the whole process when one is, in its middle.

A caller who gives up leaves its join behind. It ends by itself: LiveKit's client tries for some seconds, and not at all once the
server is gone. Whoever ends the event loop waits for it, as asyncio cancels whatever is left then.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from livekit import api

from voicegate.drive.livekit_server.server import LiveKitServer

_LONGEST_S = 60.0
_joins: set[asyncio.Task[None]] = set()


def caller_token(server: LiveKitServer, room: str, caller: str, agent_name: str | None) -> str:
    """Make the token with which a caller joins a room, to which an agent of this name is called, if it has one."""
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(server.api_key, server.api_secret).with_identity(caller).with_grants(grants)
    if agent_name is not None:
        dispatch = api.RoomAgentDispatch(agent_name=agent_name)
        token = token.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    return token.to_jwt()


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
