"""Batches: the right targets, padded to the right shapes, varied but never broken."""

import random
from pathlib import Path

import pytest

pytest.importorskip("jax", reason="needs requirements-recipe.lock")

import numpy as np
from recipes.micro import batches, tokens
from recipes.micro.feature_effects import varied
from recipes.micro.shards import Clip, read_shard, write_shard

SPEECH = Clip(np.zeros((80, 170), np.float32), "my code is four", 0.25, 1.5, "flite slt")
SILENCE = Clip(np.zeros((80, 90), np.float32), "", 0, 0, "none")


def test_speech_without_timestamps_is_words_between_the_marks() -> None:
    """What the agent's prompt asks for."""
    sequence, weights = batches.target(SPEECH, scale=1.0, with_timestamps=False)
    words = tokens.word_ids(SPEECH.text)
    assert sequence == [tokens.START, tokens.NO_TIMESTAMPS, *words, tokens.END]
    assert len(weights) == len(sequence) - 1


def test_speech_with_timestamps_says_when() -> None:
    """What `transcribe()` asks for; a stretched clip speaks later."""
    sequence, weights = batches.target(SPEECH, scale=1.2, with_timestamps=True)
    assert tokens.TOKENS[sequence[1]] == "<|0.30|>"
    assert tokens.TOKENS[sequence[-2]] == "<|1.90|>"
    assert len(weights) == len(sequence) - 1


@pytest.mark.parametrize("with_timestamps", [False, True])
def test_no_speech_ends_at_once(with_timestamps: bool) -> None:
    """Nothing is written for silence, whichever prompt is used."""
    sequence, weights = batches.target(SILENCE, scale=1.0, with_timestamps=with_timestamps)
    assert sequence[0] == tokens.START
    assert sequence[-1] == tokens.END
    assert len(sequence) == 3
    assert weights in ([1.0, 1.0], [0.5, 1.0])


@pytest.mark.usefixtures("espeak_ng")
def test_a_batch_has_its_buckets_shape_and_silence_asks_for_the_no_speech_token() -> None:
    """Fixed shapes are compiled once; the first target of silence feeds the no-speech gate."""
    bucket = batches.BUCKETS[0]
    batch = batches.assemble(bucket, [SPEECH, SILENCE], random.Random(6))
    assert batch.features.shape == (2, 80, bucket.frames)
    assert batch.inputs.shape == batch.targets.shape == (2, bucket.tokens)
    assert batch.targets[0, 0] != tokens.NO_SPEECH
    assert batch.targets[1, 0] == tokens.NO_SPEECH
    assert batch.phoneme_gaps[1].all()
    assert not batch.phoneme_gaps[0].all()


@pytest.mark.usefixtures("espeak_ng")
def test_a_shard_reads_back_and_new_shards_join(tmp_path: Path) -> None:
    """Training can start on the first shard while others are being made."""
    corpus = batches.Corpus(tmp_path)
    assert corpus.refresh() == 0
    write_shard(tmp_path / "shard-0000.npz", [SPEECH, SILENCE])
    assert corpus.refresh() == 1
    write_shard(tmp_path / "shard-0001.npz", [SPEECH])
    assert corpus.refresh() == 2
    clips = [clip for bucket in corpus.clips for clip in bucket]
    assert sorted(clip.text for clip in clips) == ["", SPEECH.text, SPEECH.text]
    first = read_shard(tmp_path / "shard-0001.npz")[0]
    assert first.features.shape == SPEECH.features.shape
    assert (first.start_s, first.end_s, first.voice) == (0.25, 1.5, "flite slt")


def test_varied_features_stay_finite_and_report_their_stretch() -> None:
    """A hundred draws of every effect on noise."""
    source = np.random.default_rng(7).uniform(-1, 1, (80, 150)).astype(np.float32)
    for seed in range(100):
        features, scale = varied(source, random.Random(seed))
        assert np.isfinite(features).all()
        assert features.shape == (80, round(150 * scale))
    assert source.max() <= 1, "the corpus itself must not change"
