"""Sounds that are no speech."""

from typing import get_args

import numpy as np
import pytest
from voicegate.drive.sounds import LOUDNESS_DBFS, make_sound
from voicegate.names import SoundName
from voicegate.record.timeline import RATE

SPEECH = (8000 * np.sin(np.arange(RATE) / 5)).astype(np.int16)
EVERY: tuple[SoundName, ...] = get_args(SoundName)


@pytest.mark.parametrize("name", EVERY)
def test_every_sound_can_be_made_twice(name: SoundName) -> None:
    """It is as long as asked for, the same every time, and as loud as the table says."""
    made = make_sound(name, 0.5, SPEECH)
    assert len(made) == RATE // 2
    assert np.array_equal(made, make_sound(name, 0.5, SPEECH))
    power = np.mean((made / 32767.0) ** 2)
    assert 10 * np.log10(power + 1e-10) == pytest.approx(LOUDNESS_DBFS[name], abs=0.5)


def test_a_voice_needs_somebody() -> None:
    """It is made of a clip."""
    with pytest.raises(ValueError, match="speech"):
        make_sound("voice", 1.0)


def test_a_background_goes_on_for_as_long_as_it_must() -> None:
    """A clip of a second is said again and again, with pauses."""
    voice = make_sound("voice", 4.0, SPEECH)
    assert np.abs(voice[-RATE // 2 :]).max() > 0
    assert not voice[RATE + 10 : RATE + RATE // 4].any()
