"""Every call waits longer for its reply than the one before: what is remembered of all calls is searched each time."""

import asyncio

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

SLOWER_S = 0.02

transcribe = TranscriptionQueue.transcribe
remembered: list[Samples] = []


async def transcribe_slower(self: TranscriptionQueue, samples: Samples, language: str | None) -> Transcript:
    """Transcribe, a little later each time."""
    remembered.append(samples)
    await asyncio.sleep(SLOWER_S * len(remembered) ** 2)
    return await transcribe(self, samples, language)


def break_it() -> None:
    """Get slower."""
    TranscriptionQueue.transcribe = transcribe_slower


if __name__ == "__main__":
    start_with_broken_host("mutants.slower_and_slower", break_it)
