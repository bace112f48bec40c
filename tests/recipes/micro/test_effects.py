"""Effects keep a clip a clip: finite, in range, of the expected length."""

import random

import pytest

pytest.importorskip("scipy", reason="needs requirements-recipe.lock")

import numpy as np
from recipes.micro import effects
from recipes.micro.non_speech import KINDS, non_speech
from recipes.micro.voices import SAMPLE_RATE, Audio


def _sweep(seconds: float = 1.0) -> Audio:
    time_s = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.sin(2 * np.pi * (200 + 300 * time_s) * time_s).astype(np.float32)


def test_opus_keeps_length_and_alignment() -> None:
    """What comes back is the same sound at the same time, so timestamps stay true."""
    before = 0.5 * _sweep(1.3)
    after = effects.through_opus(before, 32_000)
    assert after.shape == before.shape
    shifts = {n: np.corrcoef(before[500:-500], np.roll(after, n)[500:-500])[0, 1] for n in (-8, 0, 8)}
    assert shifts[0] > 0.9
    assert max(shifts, key=lambda n: shifts[n]) == 0


def test_a_placed_clip_says_when_it_speaks() -> None:
    """Start and end enclose exactly the speech, within the clip."""
    rng = random.Random(4)
    for _ in range(20):
        audio, start_s, end_s = effects.placed(_sweep(), rng)
        assert 0 <= start_s < end_s <= len(audio) / SAMPLE_RATE + 1e-3
        assert end_s - start_s == pytest.approx(1.0)
        assert np.abs(audio).max() <= 1


def test_a_mild_clip_is_clearly_louder_than_its_noise() -> None:
    """Test clips are judged on speech, not on noise."""
    rng = random.Random(5)
    for _ in range(40):
        audio, start_s, _ = effects.placed(_sweep(), rng, mild=True)
        before = audio[: int(start_s * SAMPLE_RATE)]
        if len(before) > 1_000:
            assert np.sqrt(np.mean(before**2)) < 0.1 * np.sqrt(np.mean(audio**2))


@pytest.mark.parametrize("kind", KINDS)
def test_non_speech_is_finite_and_in_range(kind: str) -> None:
    """Every kind gives a usable clip of at most 7 s, at every seed."""
    for seed in range(10):
        audio = non_speech(random.Random(seed), kind)
        assert audio.dtype == np.float32
        assert 0 < len(audio) <= 7 * SAMPLE_RATE
        assert np.isfinite(audio).all()
        assert np.abs(audio).max() <= 1.5
