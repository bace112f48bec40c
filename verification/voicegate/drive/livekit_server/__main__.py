"""Have the LiveKit server before it is needed: `python -m voicegate.drive.livekit_server` builds it if there is none, and says where it is."""

import asyncio
import os
import sys

from platformdirs import user_cache_path
from rich.console import Console

from voicegate.drive.livekit_server.errors import LiveKitServerError
from voicegate.drive.livekit_server.server import find_program
from voicegate.progress import ProgressDisplay

_NOT_MEASURED = 3


def main() -> int:
    """Find or build it; return the exit code."""
    try:
        with ProgressDisplay(Console(stderr=True)) as progress:
            program = asyncio.run(find_program(user_cache_path("voicegate"), os.environ, progress))
    except LiveKitServerError as error:
        print(f"voicegate: {error}", file=sys.stderr)
        return _NOT_MEASURED
    print(program)
    return 0


if __name__ == "__main__":
    sys.exit(main())
