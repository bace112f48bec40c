"""Whether the caller speaks, or somebody far behind."""

import numpy as np
import pytest
from voicegate_agent.speech.nearness import Nearness, level_dbfs


def test_who_is_much_softer_is_far() -> None:
    """By more than the limit, and only once the caller is known."""
    near = Nearness(15.0)
    assert not near.is_far(-60.0)
    near.note(-20.0)
    assert [near.is_far(level) for level in (-34.9, -35.0, -35.1)] == [False, False, True]


def test_the_caller_may_become_softer() -> None:
    """Step by step, or after some turns that were ignored."""
    near = Nearness(15.0)
    for level in (-20.0, -30.0, -38.0):
        assert not near.is_far(level)
        near.note(level)
    ignored = 0
    while near.is_far(-60.0):
        near.note(-60.0)
        ignored += 1
    assert 3 < ignored < 10


def test_everybody_is_answered_if_the_limit_is_none() -> None:
    """Zero turns it off."""
    near = Nearness(0.0)
    near.note(-10.0)
    assert not near.is_far(-90.0)


@pytest.mark.parametrize("silence_s", [0.0, 0.5])
def test_the_level_is_that_of_speech(silence_s: float) -> None:
    """A pause around it hardly counts."""
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000) * 32768 * 10 ** (-20 / 20)
    pcm = np.concatenate([tone, np.zeros(round(silence_s * 16_000))]).astype(np.int16).tobytes()
    assert level_dbfs(pcm) == pytest.approx(-23.0, abs=0.2)
    assert level_dbfs(b"") == level_dbfs(bytes(2_048)) == -100.0
