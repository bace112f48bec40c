"""Every utterance takes 300 MB while it is transcribed: several callers who talk at once need all of it at once."""

import asyncio

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

PEAK_BYTES = 300_000_000
PEAK_S = 2.0  # long enough for others to end their sentence, and for a memory sample

transcribe = TranscriptionQueue.transcribe


async def transcribe_at_length(
    self: TranscriptionQueue, samples: Samples, language: str | None
) -> Transcript:
    """Take memory, transcribe, and give it back."""
    workspace = b"\1" * PEAK_BYTES
    await asyncio.sleep(PEAK_S)
    del workspace
    return await transcribe(self, samples, language)


def break_it() -> None:
    """Take more memory than is needed."""
    TranscriptionQueue.transcribe = transcribe_at_length


if __name__ == "__main__":
    start_with_broken_host("mutants.peaks_while_talking", break_it)
