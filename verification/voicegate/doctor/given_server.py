"""Reaching the LiveKit server that an address names, with the key for it."""

import email.utils
import time

import aiohttp
from livekit import api

from voicegate.doctor.facts import GivenServer
from voicegate.settings import LiveKitSection

_ANSWER_S = 5.0


async def reach(settings: LiveKitSection, url: str) -> GivenServer:
    """Reach the server, then ask it for its rooms, which needs a key that it knows."""
    has_keys = settings.api_key is not None and settings.api_secret is not None
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
    address = url.replace("ws://", "http://", 1).replace("wss://", "https://", 1)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.get(address) as response:
                answers, date = response.status < 500, response.headers.get("Date")
            off_s = _ahead_of_us(date)
            refusal = await _refusal(settings, address, session) if has_keys and answers else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return GivenServer(url, has_keys, answers=False)
    return GivenServer(url, has_keys, answers, refusal, off_s)


async def _refusal(settings: LiveKitSection, address: str, session: aiohttp.ClientSession) -> str | None:
    assert settings.api_secret is not None
    client = api.LiveKitAPI(
        address, settings.api_key, settings.api_secret.get_secret_value(), session=session
    )
    try:
        await client.room.list_rooms(api.ListRoomsRequest())
    except api.TwirpError as error:
        return error.message or str(error.code)
    return None


def _ahead_of_us(date: str | None) -> float | None:
    if date is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return None
