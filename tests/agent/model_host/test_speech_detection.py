"""Speech is told from other sounds."""

from collections.abc import Callable

import numpy as np
import pytest
from fakes.speech_engines import noise
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.recognition import SPEECH_THRESHOLD
from voicegate_agent.model_host.speech_detection import speech_probability


def tones(*hertz: float, duration_s: float = 1.0) -> Samples:
    """Sound these tones together."""
    time_s = np.arange(round(duration_s * 16_000)) / 16_000
    waves = np.sin(2 * np.pi * np.outer(hertz, time_s))
    return np.asarray(0.1 * waves.sum(axis=0), np.float32)


@pytest.mark.parametrize("text", ["my code is seven three one nine", "hello", "seven"])
def test_words_are_speech(spoken: Callable[[str], Samples], text: str) -> None:
    """Even a single one, and even of a small voice."""
    assert speech_probability(spoken(text)) > SPEECH_THRESHOLD


@pytest.mark.parametrize(
    "sound",
    [noise(0.06), noise(1), 20 * noise(1), tones(350, 440), tones(50, 100, 150), tones(262, 330, 392)],
)
def test_noise_and_tones_are_not(sound: Samples) -> None:
    """Neither quiet nor loud noise, nor a dial tone, hum or chord; and what is heard is left as it was."""
    before = sound.copy()
    assert speech_probability(sound) < SPEECH_THRESHOLD
    assert np.array_equal(sound, before)
