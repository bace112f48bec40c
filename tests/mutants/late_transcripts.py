"""Every transcript comes late: when the caller has given up, or after MUTANT_LATE_S seconds."""

import asyncio
import os

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

LATE_S = float(os.environ.get("MUTANT_LATE_S", "12"))

transcribe = TranscriptionQueue.transcribe


async def transcribe_late(self: TranscriptionQueue, samples: Samples, language: str | None) -> Transcript:
    """Transcribe after everybody has waited, or left."""
    await asyncio.sleep(LATE_S)
    return await transcribe(self, samples, language)


def break_it() -> None:
    """Come late."""
    TranscriptionQueue.transcribe = transcribe_late


if __name__ == "__main__":
    start_with_broken_host("mutants.late_transcripts", break_it)
