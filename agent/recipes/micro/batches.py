"""Training batches: clips of similar length, padded to one of a few fixed shapes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recipes.micro import tokens
from recipes.micro.feature_effects import varied
from recipes.micro.features import MELS
from recipes.micro.network import FULL_POSITIONS
from recipes.micro.phonemes import phonemes
from recipes.micro.shards import Clip, read_shard

_LATEST_START_S = 1.0
_WRONG_INPUT_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Bucket:
    """A fixed batch shape: `clips` clips of up to so many frames, tokens and phonemes."""

    frames: int
    clips: int
    tokens: int
    phonemes: int


BUCKETS = (
    Bucket(240, 32, 16, 56),
    Bucket(320, 24, 16, 64),
    Bucket(416, 18, 24, 96),
    Bucket(544, 14, 24, 96),
    Bucket(800, 10, 24, 96),
)
"""About 7,700 frames in a batch. 240 frames is also the least that the agent encodes."""


class Batch(NamedTuple):
    """Arrays of one batch of n clips in a bucket."""

    features: NDArray[np.float32]
    """[n, mels, frames]"""
    padding: NDArray[np.float32]
    """[n] positions of zero features after the clip, as `network.encode` counts them"""
    inputs: NDArray[np.int32]
    """[n, tokens] what the decoder reads"""
    targets: NDArray[np.int32]
    """[n, tokens] what it should write"""
    weights: NDArray[np.float32]
    """[n, tokens] how much each target counts; 0 is padding"""
    phonemes: NDArray[np.int32]
    """[n, phonemes]"""
    phoneme_gaps: NDArray[np.float32]
    """[n, phonemes] 1 where there is no phoneme"""
    silent_positions: NDArray[np.float32]
    """[n, frames / 2] 1 where the CTC loss must not look"""


class Corpus:
    """The clips of a folder of shards; shards that appear later are read by `refresh`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[Path] = set()
        self.clips: list[list[Clip]] = [[] for _ in BUCKETS]

    def refresh(self) -> int:
        """Read new shards; how many there are now."""
        for path in sorted(self._folder.glob("shard-*.npz")):
            if path not in self._read:
                self._read.add(path)
                for clip in read_shard(path):
                    self.clips[_smallest_bucket(clip)].append(clip)
        return len(self._read)


def batches(corpus: Corpus, rng: random.Random) -> Iterator[Batch]:
    """Endless batches; every clip of the corpus is about equally frequent."""
    while True:
        weights = [len(c) / b.clips for c, b in zip(corpus.clips, BUCKETS, strict=True)]
        (number,) = rng.choices(range(len(BUCKETS)), weights)
        yield assemble(BUCKETS[number], _choose(corpus, number, rng), rng)


def assemble(bucket: Bucket, clips: list[Clip], rng: random.Random) -> Batch:
    """Vary the clips at random and pad them to the bucket's shape."""
    count, positions = len(clips), bucket.frames // 2
    batch = Batch(
        features=np.zeros((count, MELS, bucket.frames), np.float32),
        padding=np.zeros(count, np.float32),
        inputs=np.full((count, bucket.tokens), tokens.END, np.int32),
        targets=np.full((count, bucket.tokens), tokens.END, np.int32),
        weights=np.zeros((count, bucket.tokens), np.float32),
        phonemes=np.zeros((count, bucket.phonemes), np.int32),
        phoneme_gaps=np.ones((count, bucket.phonemes), np.float32),
        silent_positions=np.ones((count, positions), np.float32),
    )
    for row, clip in enumerate(clips):
        features, scale = varied(clip.features, rng)
        features = features[:, : bucket.frames]
        frames = features.shape[1]
        batch.features[row, :, :frames] = features
        batch.silent_positions[row, : (frames + 1) // 2 + 8] = 0
        if rng.random() < 0.5:
            batch.padding[row] = FULL_POSITIONS - positions
        _write_targets(batch, row, clip, scale, rng)
        numbers = phonemes(clip.text)
        batch.phonemes[row, : len(numbers)] = numbers
        batch.phoneme_gaps[row, : len(numbers)] = 0
    return batch


def _smallest_bucket(clip: Clip) -> int:
    # A fifth more frames: `varied` may stretch the clip, and the agent always pads a margin.
    for number, bucket in enumerate(BUCKETS[:-1]):
        fits = clip.features.shape[1] * 1.12 + 20 <= bucket.frames
        fits = fits and len(clip.text.split()) + 4 <= bucket.tokens
        if fits and len(phonemes(clip.text)) <= bucket.phonemes:
            return number
    return len(BUCKETS) - 1


def _choose(corpus: Corpus, number: int, rng: random.Random) -> list[Clip]:
    """Clips for a bucket: mostly its own, some shorter ones with more padding."""
    chosen = []
    for _ in range(BUCKETS[number].clips):
        shorter = number > 0 and rng.random() < 0.2
        source = corpus.clips[rng.randrange(number)] if shorter else corpus.clips[number]
        chosen.append(rng.choice(source or corpus.clips[number]))
    return chosen


def _write_targets(batch: Batch, row: int, clip: Clip, scale: float, rng: random.Random) -> None:
    sequence, weights = target(clip, scale, with_timestamps=rng.random() < 0.4)
    inputs = [_sometimes_wrong(token, rng) for token in sequence[:-1]]
    batch.inputs[row, : len(inputs)] = inputs
    batch.targets[row, : len(weights)] = sequence[1:]
    batch.weights[row, : len(weights)] = weights
    if not clip.text:
        batch.targets[row, 0] = tokens.NO_SPEECH


def target(clip: Clip, scale: float, with_timestamps: bool) -> tuple[list[int], list[float]]:
    """Give the token sequence of a clip, and the weight of each token after the first.

    Without speech the sequence ends at once, and the caller asks for NO_SPEECH as first target.
    """
    words = tokens.word_ids(clip.text)
    if not with_timestamps:
        sequence = [tokens.START, tokens.NO_TIMESTAMPS, *words, tokens.END]
        return sequence, [0.5, *[1.0] * len(words), 1.0]
    start = tokens.timestamp_id(min(clip.start_s * scale, _LATEST_START_S))
    if not words:
        return [tokens.START, start, tokens.END], [1.0, 1.0]
    end = tokens.timestamp_id(clip.end_s * scale + 0.1)
    sequence = [tokens.START, start, *words, end, tokens.END]
    return sequence, [0.3, *[1.0] * len(words), 0.3, 1.0]


def _sometimes_wrong(token: int, rng: random.Random) -> int:
    """Replace some words the decoder reads, so that it trusts its ears more than its words."""
    is_word = 0 < token < tokens.END
    return rng.randrange(1, tokens.END) if is_word and rng.random() < _WRONG_INPUT_SHARE else token
