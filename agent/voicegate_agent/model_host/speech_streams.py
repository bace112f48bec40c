"""Streams of speech from the text-to-speech engine, several calls at a time."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor

from voicegate_agent.model_host.tts_engine import TtsEngine

WORKERS = 2


class SpeechStreams:
    """Speaks for many calls with one engine; calls take turns piece by piece."""

    def __init__(self, engine: TtsEngine) -> None:
        self._engine = engine
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="speech")

    @property
    def name(self) -> str:
        """What the log and the API call the voice."""
        return self._engine.name

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the audio."""
        return self._engine.sample_rate_hz

    async def speak(self, text: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Speak: mono signed 16-bit little-endian samples as they are made; nothing for text without words.

        The next piece is computed only when the one before was taken, so a caller that leaves stops it.
        """
        loop = asyncio.get_running_loop()
        pieces = self._engine.synthesize(text, speed)
        while True:
            piece = await loop.run_in_executor(self._workers, _next_piece, pieces)
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        """Start no further piece."""
        self._workers.shutdown(wait=False, cancel_futures=True)


def _next_piece(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
