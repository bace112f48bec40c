"""Every utterance is kept, as audio in full quality: 5 MB for each call."""

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

KEPT: list[bytes] = []
KEPT_BYTES = 5_000_000

transcribe = TranscriptionQueue.transcribe


async def transcribe_and_keep(self: TranscriptionQueue, samples: Samples, language: str | None) -> Transcript:
    """Transcribe, and keep what was said."""
    audio = samples.tobytes()
    KEPT.append((audio * (KEPT_BYTES // len(audio) + 1))[:KEPT_BYTES])
    return await transcribe(self, samples, language)


def break_it() -> None:
    """Keep what comes in."""
    TranscriptionQueue.transcribe = transcribe_and_keep


if __name__ == "__main__":
    start_with_broken_host("mutants.keeps_audio", break_it)
