"""Every answer comes three seconds late: the agent waits before it understands what was said."""

import asyncio

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

WAIT_S = 3.0

transcribe = TranscriptionQueue.transcribe


async def transcribe_after_a_while(
    self: TranscriptionQueue, samples: Samples, language: str | None
) -> Transcript:
    """Wait, then transcribe."""
    await asyncio.sleep(WAIT_S)
    return await transcribe(self, samples, language)


def break_it() -> None:
    """Wait before every answer."""
    TranscriptionQueue.transcribe = transcribe_after_a_while


if __name__ == "__main__":
    start_with_broken_host("mutants.slow_answers", break_it)
