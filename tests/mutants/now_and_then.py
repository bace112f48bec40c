"""One turn in three keeps 12 MB and is answered three seconds later: a pool that grows, a cache that is searched, only now and then."""

import asyncio
import time

from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

EVERY = 3
KEPT_BYTES = 12_000_000
LATER_S = 3.0
SAME_TURN_S = 5.0  # a turn is heard more than once, and callers of a crowd speak at once

transcribe = TranscriptionQueue.transcribe
kept: list[bytes] = []
heard_s: list[float] = [0.0]
turns: list[float] = []


async def transcribe_now_and_then(
    self: TranscriptionQueue, samples: Samples, language: str | None
) -> Transcript:
    """Transcribe, and keep something and be late in each third turn."""
    now_s = time.monotonic()
    is_new = now_s - heard_s[0] > SAME_TURN_S
    heard_s[0] = now_s
    if is_new:
        turns.append(now_s)
    if len(turns) % EVERY == 0:
        kept.extend([b"x" * KEPT_BYTES] * is_new)
        await asyncio.sleep(LATER_S)
    return await transcribe(self, samples, language)


def break_it() -> None:
    """Forget to forget, now and then."""
    TranscriptionQueue.transcribe = transcribe_now_and_then


if __name__ == "__main__":
    start_with_broken_host("mutants.now_and_then", break_it)
