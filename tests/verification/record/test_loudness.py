"""How loud sound was, as it is recorded."""

import numpy as np
import pytest
from voicegate.record.loudness import clipped_samples, levels_of, loudness_of
from voicegate.record.wav import Samples

RATE = 16_000


def tone(seconds: float, amplitude: float = 0.3) -> Samples:
    """Make a tone of 200 Hz, of which each step holds one period; amplitude as a fraction of full scale."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * 200 * t) * amplitude * 32767).astype(np.int16)


def silence(seconds: float) -> Samples:
    """Make silence."""
    return np.zeros(round(seconds * RATE), np.int16)


@pytest.mark.parametrize("dbfs", [-3.0, -20.0, -40.0, -60.0])
def test_levels_are_right_to_half_a_decibel(dbfs: float) -> None:
    """A sine is 3 dB softer than its peak."""
    levels = levels_of(loudness_of(tone(0.1, 10 ** ((dbfs + 3) / 20)), RATE))
    assert levels == pytest.approx([dbfs] * 20, abs=0.6)


def test_silence_around_the_sound_is_left_out() -> None:
    """What is left says after how many seconds it began; nothing is left of silence alone."""
    loudness = loudness_of(np.concatenate([silence(0.523), tone(0.2), silence(3.0)]), RATE)
    assert loudness.after_s == 0.52
    assert len(loudness.dbfs) == pytest.approx(41, abs=1)
    for nothing in (silence(2.0), silence(0.0), silence(0.001)):
        assert (loudness_of(nothing, RATE).after_s, loudness_of(nothing, RATE).dbfs) == (0.0, "")


def test_it_is_small() -> None:
    """A character a step, whatever the sound is: plain ASCII."""
    noise = np.random.default_rng(0).integers(-32768, 32768, 3 * RATE).astype(np.int16)
    text = loudness_of(noise, RATE).dbfs
    assert len(text) == 600
    assert text.isascii()


@pytest.mark.parametrize(("in_a_row", "expected"), [(0, 0), (2, 0), (3, 3), (4, 4)])
@pytest.mark.parametrize("full", [32767, -32768])
def test_flat_tops_are_counted(in_a_row: int, expected: int, full: int) -> None:
    """Three samples in a row at full scale are clipping, two are a loud peak."""
    sound = tone(0.2, 0.9)
    sound[800 : 800 + in_a_row] = full
    assert clipped_samples(sound) == expected


def test_an_overdriven_reply_is_clipped() -> None:
    """A tone at twice full scale is flat most of the time."""
    loud = np.clip(tone(0.2, 0.99).astype(np.int32) * 2, -32768, 32767).astype(np.int16)
    assert clipped_samples(loud) > 1000
