"""The caller is understood and answered, but never sees a transcript."""

from livekit.agents import UserInputTranscribedEvent
from livekit.agents.voice.room_io import RoomIO
from mutants.broken_agent import start_with_broken_calls


def keep_to_oneself(_: RoomIO, _event: UserInputTranscribedEvent) -> None:
    """Send nothing."""


def break_it() -> None:
    """Send no transcripts."""
    RoomIO._on_user_input_transcribed = keep_to_oneself


if __name__ == "__main__":
    start_with_broken_calls(break_it)
