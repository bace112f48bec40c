"""A stream of samples changes its rate without a seam."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from voicegate_agent.model_host.resampling import resampled


async def in_pieces(samples: np.ndarray, size: int) -> AsyncIterator[bytes]:
    """Give the samples a few at a time."""
    for start in range(0, len(samples), size):
        yield samples[start : start + size].tobytes()


def tone(rate_hz: int) -> np.ndarray:
    """Give half a second of a 440 Hz tone."""
    time_s = np.arange(rate_hz // 2) / rate_hz
    return (np.sin(2 * np.pi * 440 * time_s) * 16_384).astype(np.int16)


async def test_equal_rates_pass_untouched() -> None:
    """The very same pieces come out."""
    pieces = [piece async for piece in resampled(in_pieces(tone(16_000), 1_000), 16_000, 16_000)]
    assert pieces == [piece async for piece in in_pieces(tone(16_000), 1_000)]


@pytest.mark.parametrize("size", [160, 777, 8_000])
async def test_a_tone_stays_a_tone(size: int) -> None:
    """However the stream is cut, it is as long at the new rate, and follows the tone closely."""
    stream = resampled(in_pieces(tone(16_000), size), 16_000, 24_000)
    samples = np.frombuffer(b"".join([piece async for piece in stream]), np.int16)
    assert len(samples) == pytest.approx(12_000, abs=64)
    inner = slice(200, 11_500)
    assert np.abs(samples[inner].astype(int) - tone(24_000)[inner]).max() < 700


async def test_nothing_becomes_nothing() -> None:
    """A stream without audio stays one."""
    assert [piece async for piece in resampled(in_pieces(tone(16_000)[:0], 1), 16_000, 24_000)] == []
