"""Scores: counted as they should be, for speech and for silence."""

import pytest

pytest.importorskip("jiwer", reason="needs requirements-recipe.lock")
pytest.importorskip("scipy", reason="needs requirements-recipe.lock")

import numpy as np
from recipes.micro import evaluation
from recipes.micro.held_out import HeldOutSet, TestClip

AUDIO = np.zeros(16_000, np.float32)


@pytest.mark.parametrize(
    ("frames", "encoded"), [(1, 240), (180, 240), (181, 260), (200, 260), (201, 280), (500, 560)]
)
def test_a_clip_is_fitted_with_a_margin(frames: int, encoded: int) -> None:
    """At least 240 frames, at least 60 more than the clip, in steps of 20."""
    assert evaluation.fitted_frames(frames) == encoded


def test_a_wrong_word_counts_against_the_words_said() -> None:
    """One of four words wrong is 25 %, and one of two clips exact is 50 %."""
    clips = (TestClip(AUDIO, "yes please", "v"), TestClip(AUDIO, "thank you", "v"))
    answers = iter(["yes please", "thank two"])
    result = evaluation.score(HeldOutSet("set", clips), "fitted", lambda _: next(answers))
    assert result.word_error_rate == pytest.approx(0.25)
    assert result.exact == 0.5
    assert [mistake.heard for mistake in result.mistakes] == ["thank two"]


def test_silence_counts_false_texts() -> None:
    """A word error rate of nothing said is undefined, so it is not given."""
    clips = (TestClip(AUDIO, "", "noise"), TestClip(AUDIO, "", "tone"))
    answers = iter(["", "hello"])
    result = evaluation.score(HeldOutSet("no speech", clips), "fitted", lambda _: next(answers))
    assert result.word_error_rate is None
    assert "| no speech (2) | 1 false texts |" in evaluation.markdown_table([result])
