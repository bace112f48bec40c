"""Replies come as text and as sound, but the sound is silence."""

from collections.abc import AsyncGenerator

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.speech_streams import SpeechStreams

speak = SpeechStreams.speak


async def speak_silence(self: SpeechStreams, text: str, speed: float) -> AsyncGenerator[bytes, None]:
    """Be silent for as long as speaking would take."""
    async for piece in speak(self, text, speed):
        yield bytes(len(piece))


def break_it() -> None:
    """Be silent."""
    SpeechStreams.speak = speak_silence


if __name__ == "__main__":
    start_with_broken_host("mutants.silent_replies", break_it)
