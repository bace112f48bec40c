"""Pieces of speech have one level, whatever their length, and no sample is clipped."""

import numpy as np
import pytest
from voicegate_agent.model_host.loudness import (
    HEADROOM,
    SHORT_TAIL_S,
    SPEECH_DBFS,
    Samples,
    levelled,
    speech_power,
    with_short_tail,
)
from voicegate_agent.model_host.tts_engine import PiperEngine

RATE_HZ = 16_000


def tone(duration_s: float, peak: float) -> Samples:
    """Give a tone that swells and fades a few times, as syllables do."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return (peak * np.sin(2 * np.pi * 200 * time_s) * np.abs(np.sin(2 * np.pi * 2 * time_s))).astype(
        np.float32
    )


def level_dbfs(samples: Samples) -> float:
    """Give the level while somebody speaks."""
    return 10 * float(np.log10(speech_power(samples, RATE_HZ)))


@pytest.mark.parametrize("duration_s", [0.25, 1.0, 5.0])
@pytest.mark.parametrize("peak", [0.001, 0.1, 1.0])
def test_every_piece_has_the_same_level(duration_s: float, peak: float) -> None:
    """Short or long, quiet or loud, with pauses or without."""
    pause = np.zeros(RATE_HZ, np.float32)
    for samples in (tone(duration_s, peak), np.concatenate([tone(duration_s, peak), pause])):
        assert level_dbfs(levelled(samples, RATE_HZ)) == pytest.approx(SPEECH_DBFS, abs=0.3)


def test_a_lone_peak_is_bent_and_not_clipped() -> None:
    """It stays below the headroom, in its place and with its sign, and what is below the knee is untouched."""
    samples = tone(1, 0.2)
    samples[4_000:4_003] = [-0.9, -1.0, -0.9]
    result = levelled(samples, RATE_HZ)
    assert np.abs(result).max() < HEADROOM
    assert np.argmin(result) == 4_001
    assert np.unique(result[4_000:4_003]).size > 1
    gain = result[1_010] / samples[1_010]
    assert np.allclose(result[:4_000], gain * samples[:4_000], atol=1e-6)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(1_000, np.float32)])
def test_silence_stays_silence(samples: Samples) -> None:
    """Nothing is made of nothing."""
    assert not levelled(samples, RATE_HZ).any()


def test_a_long_silence_at_the_end_is_cut() -> None:
    """A little is left, and silence alone stays as it is."""
    speech = np.full(1_000, 0.1, np.float32)
    cut = with_short_tail(np.concatenate([speech, np.zeros(RATE_HZ, np.float32)]), RATE_HZ)
    assert len(cut) == 1_000 + SHORT_TAIL_S * RATE_HZ
    assert len(with_short_tail(speech, RATE_HZ)) == 1_000
    assert len(with_short_tail(np.zeros(50, np.float32), RATE_HZ)) == 50


def test_sentences_of_a_voice_are_equally_loud(piper: PiperEngine) -> None:
    """A single word and a long sentence differ by less than half a decibel; scaled by their peaks they differed by five."""
    levels = []
    for text in (
        "Yes.",
        "Okay.",
        "The store opens at eight in the morning and closes at six in the evening.",
    ):
        pcm = np.frombuffer(b"".join(piper.synthesize(text, 1.0)), np.int16)
        levels.append(level_dbfs(pcm.astype(np.float32) / np.float32(32768)))
    assert max(levels) - min(levels) < 0.5
