"""Whether a LiveKit server is at an address, and takes a key: for runs, for `doctor`, and before Locust's callers start."""

import email.utils
import time
from dataclasses import dataclass

import aiohttp

_ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Reached:
    """What is at an address.

    `problem` says why nothing answers, or what the server said when it was asked for its rooms, and `refuses_key` whether that was
    about the key. `clock_off_s` is how far its clock is ahead of ours, None where it does not tell.
    """

    answers: bool
    problem: str | None = None
    refuses_key: bool = False
    clock_off_s: float | None = None


async def reach(url: str, api_key: str | None = None, api_secret: str | None = None) -> Reached:
    """Reach the server; with a key also ask it for its rooms, which needs one that it knows."""
    address = url.replace("ws://", "http://", 1).replace("wss://", "https://", 1)
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.get(address) as response:
                status, date = response.status, response.headers.get("Date")
            off_s = _ahead_of_us(date)
            if status >= 500:
                return Reached(answers=False, problem=f"HTTP {status}", clock_off_s=off_s)
            if api_key is None or api_secret is None:
                return Reached(answers=True, clock_off_s=off_s)
            problem, refuses_key = await _asked_for_rooms(address, api_key, api_secret, session)
            return Reached(True, problem, refuses_key, off_s)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Reached(answers=False, problem=str(error) or "timed out")


async def _asked_for_rooms(
    address: str, api_key: str, api_secret: str, session: aiohttp.ClientSession
) -> tuple[str | None, bool]:
    from livekit import api  # noqa: PLC0415 - half a second that nobody without a key needs

    try:
        await api.LiveKitAPI(address, api_key, api_secret, session=session).room.list_rooms(
            api.ListRoomsRequest()
        )
    except api.TwirpError as error:
        about_key = (api.TwirpErrorCode.UNAUTHENTICATED, api.TwirpErrorCode.PERMISSION_DENIED)
        return error.message or str(error.code), error.code in about_key
    return None, False


def _ahead_of_us(date: str | None) -> float | None:
    if date is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return None
