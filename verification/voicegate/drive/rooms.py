"""Which rooms of a run are open on the LiveKit server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from livekit import api

from voicegate.drive.livekit_server.server import LiveKitServer

_LONGEST_S = 2.0

RoomNames = Callable[[], Awaitable[tuple[str, ...] | None]]
"""Asks for the names of the open rooms; None when the server could not say."""


@asynccontextmanager
async def listing_rooms(server: LiveKitServer, prefix: str) -> AsyncIterator[RoomNames]:
    """Yield a function that lists the open rooms whose names begin with `prefix`."""
    async with api.LiveKitAPI(server.url, server.api_key, server.api_secret) as livekit:

        async def names() -> tuple[str, ...] | None:
            try:
                async with asyncio.timeout(_LONGEST_S):
                    answer = await livekit.room.list_rooms(api.ListRoomsRequest())
            except (api.TwirpError, aiohttp.ClientError, OSError, TimeoutError):
                return None
            return tuple(sorted(room.name for room in answer.rooms if room.name.startswith(prefix)))

        yield names
