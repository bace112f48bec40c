"""A stream of PCM from one sample rate to another."""

from collections.abc import AsyncGenerator, AsyncIterable

import numpy as np
from av import AudioFrame, AudioResampler


async def resampled(pieces: AsyncIterable[bytes], from_hz: int, to_hz: int) -> AsyncGenerator[bytes, None]:
    """Resample mono signed 16-bit samples piece by piece; equal rates pass untouched."""
    if from_hz == to_hz:
        async for piece in pieces:
            yield piece
        return
    resampler = AudioResampler(format="s16", layout="mono", rate=to_hz)
    async for piece in pieces:
        frame = AudioFrame.from_ndarray(
            np.frombuffer(piece, np.int16)[np.newaxis], format="s16", layout="mono"
        )
        frame.sample_rate = from_hz
        for converted in resampler.resample(frame):
            yield _samples(converted)
    for rest in resampler.resample(None):
        yield _samples(rest)


def _samples(frame: AudioFrame) -> bytes:
    samples: bytes = frame.to_ndarray().tobytes()
    return samples
