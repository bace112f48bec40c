"""A LiveKit server as a program: what it says about itself, and where we let it listen."""

import asyncio
from pathlib import Path

from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError

HOST = "127.0.0.1"
_ANSWER_S = 20.0


async def program_version(program: Path) -> str:
    """Return what the program says about its version, such as "livekit-server version 1.11.0"."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(program, "--version"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_ANSWER_S):
            output, _ = await process.communicate()
    except (OSError, TimeoutError) as error:
        raise LiveKitServerError(f"{program} cannot be run: {error}\n{THREE_WAYS}") from error
    return output.decode(errors="replace").strip() or "unknown version"
