"""Finding out which LiveKit server a run would use, starting and building none."""

import os
import shutil
import socket
from pathlib import Path
from typing import Literal

from voicegate.doctor.facts import GivenServer, Server, ServerProgram, UnbuiltServer
from voicegate.drive.livekit_server.build import cached_program, pinned_version
from voicegate.drive.livekit_server.errors import LiveKitServerError
from voicegate.drive.livekit_server.go_toolchain import find_go
from voicegate.drive.livekit_server.program import HOST, program_version
from voicegate.settings import GateSettings, LiveKitSection


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


async def _given(section: LiveKitSection, url: str) -> GivenServer:
    from voicegate.drive.livekit_server.reach import reach  # noqa: PLC0415 - aiohttp and livekit, a second of imports

    key, secret = section.api_key, section.api_secret
    reached = await reach(url, key, None if secret is None else secret.get_secret_value())
    has_keys = key is not None and secret is not None
    refusal = reached.problem if reached.answers else None
    return GivenServer(url, has_keys, reached.answers, refusal, reached.clock_off_s)


async def _program(path: Path, source: Literal["PATH", "cache"]) -> ServerProgram:
    try:
        return ServerProgram(path, source, await program_version(path))
    except LiveKitServerError as error:
        return ServerProgram(path, source, None, str(error).splitlines()[0])
