"""The corpus command, with the real synthesizers: a few texts of it."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("scipy", reason="needs requirements-recipe.lock")

from recipes.micro import corpus, voices
from recipes.micro.shards import read_shard
from recipes.micro.vocabulary import unknown_words

pytestmark = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("flite")), reason="needs espeak-ng and flite"
)


def _plan(folder: Path) -> corpus.CorpusPlan:
    return corpus.CorpusPlan(folder, first=0, count=1, texts_per_shard=6)


def test_a_shard_has_two_clips_of_every_text_and_can_be_made_again(tmp_path: Path) -> None:
    """Texts are known, times lie inside the clips, and the same number gives the same texts."""
    clips = read_shard(corpus.make_shard(_plan(tmp_path), 3))
    assert len(clips) >= 12
    for clip in clips:
        assert unknown_words(clip.text) == ()
        assert clip.features.shape[0] == 80
        assert clip.end_s <= clip.features.shape[1] / 100 + 0.02
        assert not any(voice in clip.voice.split() for voice in voices.HELD_OUT_FLITE)
        assert not any(clip.voice.endswith(f"+{voice}") for voice in voices.HELD_OUT_ESPEAK)
    again = read_shard(corpus.make_shard(_plan(tmp_path), 3))
    assert [clip.text for clip in again] == [clip.text for clip in clips]


def test_held_out_voices_are_not_trained_voices() -> None:
    """The two lists cannot overlap by mistake."""
    assert not set(voices.FLITE) & set(voices.HELD_OUT_FLITE)
    assert not set(voices.ESPEAK) & set(voices.HELD_OUT_ESPEAK)


def test_a_missing_project_voice_is_named(tmp_path: Path) -> None:
    """Before anything is synthesized."""
    plan = corpus.CorpusPlan(tmp_path, 0, 1, project_voice=tmp_path / "voice.onnx")
    with pytest.raises(FileNotFoundError, match=r"voice\.onnx does not exist"):
        next(corpus.make_corpus(plan, workers=1))
