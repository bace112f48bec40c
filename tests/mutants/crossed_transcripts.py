"""Two callers who speak at the same time get each other's transcripts."""

import asyncio

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

LONGEST_WAIT_S = 3.0

transcribe = TranscriptionQueue.transcribe
waiting: list[tuple[Transcript, asyncio.Future[Transcript]]] = []


async def transcribe_for_another(
    self: TranscriptionQueue, samples: Samples, language: str | None
) -> Transcript:
    """Wait for another caller's transcript and hand out that; a caller who is alone gets the right one."""
    own = await transcribe(self, samples, language)
    if waiting:
        other, answer = waiting.pop()
        answer.set_result(own)
        return other
    entry = own, asyncio.get_running_loop().create_future()
    waiting.append(entry)
    await asyncio.wait([entry[1]], timeout=LONGEST_WAIT_S)
    if entry in waiting:
        waiting.remove(entry)
    return entry[1].result() if entry[1].done() else own


def break_it() -> None:
    """Swap transcripts."""
    TranscriptionQueue.transcribe = transcribe_for_another


if __name__ == "__main__":
    start_with_broken_host("mutants.crossed_transcripts", break_it)
