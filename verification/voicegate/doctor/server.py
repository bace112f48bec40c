"""Finding out which LiveKit server a run would use, starting and building none."""

import email.utils
import os
import shutil
import socket
import time
from pathlib import Path
from typing import Literal

import aiohttp
from livekit import api

from voicegate.doctor.facts import GivenServer, Server, ServerProgram, UnbuiltServer
from voicegate.drive.livekit_server.build import cached_program, pinned_version
from voicegate.drive.livekit_server.errors import LiveKitServerError
from voicegate.drive.livekit_server.go_toolchain import find_go
from voicegate.drive.livekit_server.server import HOST, program_version
from voicegate.settings import GateSettings, LiveKitSection

_ANSWER_S = 5.0


async def find_server(settings: GateSettings, cache: Path) -> Server:
    """Look where a run would: the address that is given, the program on PATH, the one in the cache, Go."""
    if settings.livekit.url:
        return await _given(settings.livekit, settings.livekit.url)
    found = shutil.which("livekit-server", path=settings.environment.get("PATH", os.defpath))
    if found:
        return await _program(Path(found), "PATH")
    if (cached := cached_program(cache)).exists():
        return await _program(cached, "cache")
    try:
        go = await find_go(settings.environment)
    except LiveKitServerError as error:
        return UnbuiltServer(pinned_version(), None, str(error).splitlines()[0])
    version = ".".join(map(str, go.version))
    return UnbuiltServer(pinned_version(), f"Go {version} ({go.program})")


def is_free(port: int) -> bool:
    """Whether a server of our own could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


async def _program(path: Path, source: Literal["PATH", "cache"]) -> ServerProgram:
    try:
        return ServerProgram(path, source, await program_version(path))
    except LiveKitServerError as error:
        return ServerProgram(path, source, None, str(error).splitlines()[0])


async def _given(settings: LiveKitSection, url: str) -> GivenServer:
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
