"""Whether a LiveKit server answers and takes the keys: asked once, before anybody calls."""

import asyncio

import aiohttp
from livekit import api

from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError

_LONGEST_S = 5.0


async def check_server(url: str, api_key: str, api_secret: str) -> None:
    """List the server's rooms. Raises LiveKitServerError."""
    try:
        async with asyncio.timeout(_LONGEST_S), api.LiveKitAPI(url, api_key, api_secret) as livekit:
            await livekit.room.list_rooms(api.ListRoomsRequest())
    except api.TwirpError as error:
        if error.code not in (api.TwirpErrorCode.UNAUTHENTICATED, api.TwirpErrorCode.PERMISSION_DENIED):
            raise LiveKitServerError(f"The LiveKit server at {url} does not work: {error.message}") from error
        raise LiveKitServerError(
            f"The LiveKit server at {url} refuses its key: {error.message}. "
            "Give the server's own LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
        ) from error
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise LiveKitServerError(
            f"No LiveKit server answers at {url}: {error or 'timed out'}\n{THREE_WAYS}"
        ) from error
