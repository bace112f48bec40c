"""A LiveKit server as a program: what it says about itself, and where we let it listen."""

from pathlib import Path

from voicegate.drive import processes
from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError

HOST = "127.0.0.1"
_ANSWER_S = 20.0


async def program_version(program: Path) -> str:
    """Return what the program says about its version, such as "livekit-server version 1.11.0"."""
    try:
        answer = await processes.ask([str(program), "--version"], _ANSWER_S)
    except processes.ProcessError as error:
        raise LiveKitServerError(f"{program} cannot be run: {error}\n{THREE_WAYS}") from error
    return answer.output.strip() or "unknown version"
