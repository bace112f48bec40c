"""Every reply is interrupted by 0.4 s of silence in the middle of its sentence."""

from collections.abc import AsyncGenerator

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.speech_streams import SpeechStreams

GAP_S = 0.4
SAMPLE_BYTES = 2

speak = SpeechStreams.speak


async def speak_with_a_gap(self: SpeechStreams, text: str, speed: float) -> AsyncGenerator[bytes, None]:
    """Stop in the middle, and go on."""
    async for piece in speak(self, text, speed):
        middle = len(piece) // (2 * SAMPLE_BYTES) * SAMPLE_BYTES
        yield piece[:middle] + bytes(round(GAP_S * self.sample_rate_hz) * SAMPLE_BYTES) + piece[middle:]


def break_it() -> None:
    """Leave gaps."""
    SpeechStreams.speak = speak_with_a_gap


if __name__ == "__main__":
    start_with_broken_host("mutants.gaps_in_replies", break_it)
