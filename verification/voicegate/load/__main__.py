"""What Locust starts beside itself: `participants` lives as long as its worker, `check` asks a server and ends."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import load_library
from voicegate.drive.errors import DriveError
from voicegate.drive.joins import joins_over
from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError
from voicegate.drive.livekit_server.reach import reach
from voicegate.limits import TurnLimits
from voicegate.load.participants import Participants
from voicegate.measure.spoken_words import words
from voicegate.redaction import hiding, secrets_in


def main() -> None:
    """Do what the arguments say; errors end as one message and exit code 3."""
    options = _parser().parse_args()
    sys.stderr = hiding(sys.stderr, secrets_in(os.environ))
    try:
        if options.command == "check":
            key, secret = os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"]
            asyncio.run(_check_server(options.url, key, secret))
        else:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is Locust's, which then lets go of us
            asyncio.run(_participate(options))
    except DriveError as error:
        print(error, file=sys.stderr)
        sys.exit(3)


async def _participate(options: argparse.Namespace) -> None:
    """Serve callers until standard input closes: whoever started this is gone then."""
    words("")  # what it imports would hold up callers at the end of the first turn
    clips = ClipSupply(load_library(options.clips), options.seed)
    serving = asyncio.create_task(
        Participants(clips, options.limits).serve(options.socket, lambda: print("ready", flush=True))
    )
    orphaned = asyncio.create_task(_standard_input_closes())
    await asyncio.wait((serving, orphaned), return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await joins_over()


async def _standard_input_closes() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _check_server(url: str, api_key: str, api_secret: str) -> None:
    """List the server's rooms. Raises LiveKitServerError."""
    reached = await reach(url, api_key, api_secret)
    if not reached.answers:
        raise LiveKitServerError(f"No LiveKit server answers at {url}: {reached.problem}\n{THREE_WAYS}")
    if reached.refuses_key:
        raise LiveKitServerError(
            f"The LiveKit server at {url} refuses its key: {reached.problem}. "
            "Give the server's own LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
        )
    if reached.problem is not None:
        raise LiveKitServerError(f"The LiveKit server at {url} does not work: {reached.problem}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m voicegate.load", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    participants = commands.add_parser(
        "participants", help="let callers live here, told what to do by Locust"
    )
    participants.add_argument("socket", type=Path, help="path of the Unix socket to listen on")
    participants.add_argument("--clips", type=Path, required=True, help="folder with clips.json")
    participants.add_argument("--seed", type=int, required=True, help="sets the order of the codes")
    participants.add_argument("--limits", type=TurnLimits.model_validate_json, required=True, help="as JSON")
    check = commands.add_parser("check", help="see whether a server takes LIVEKIT_API_KEY and _SECRET")
    check.add_argument("url")
    return parser


if __name__ == "__main__":
    main()
