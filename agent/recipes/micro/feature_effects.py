"""Cheap changes to log-mel features, made anew every time a clip is used in training.

Features are in Whisper's units: 1 is 40 dB of power; a clip spans at most 2.
"""

import random
from functools import cache

import numpy as np
from numpy.typing import NDArray

from recipes.micro.features import MELS, LogMel

_THROATS = np.linspace(0.88, 1.14, 27)


def varied(features: LogMel, rng: random.Random) -> tuple[LogMel, float]:
    """Features as another speaker, rate, level and line would give; and the change in length.

    The second value is frames after / frames before, by which times in the clip must be scaled.
    """
    features = features.astype(np.float32)
    scale = rng.uniform(0.9, 1.12) if rng.random() < 0.4 else 1.0
    if scale != 1.0:
        features = _stretched(features, scale)
    if rng.random() < 0.6:
        features = _throat(rng.randrange(len(_THROATS))) @ features
    if rng.random() < 0.3:
        features = _with_noise(features, rng)
    if rng.random() < 0.7:
        features = features + np.float32(rng.uniform(-0.25, 0.15))
    return _with_gaps(features, rng), scale


def _stretched(features: LogMel, scale: float) -> LogMel:
    frames = features.shape[1]
    places = np.linspace(0, frames - 1, max(2, round(frames * scale)))
    left = np.minimum(places.astype(int), frames - 2)
    share = (places - left).astype(np.float32)
    stretched: LogMel = features[:, left] * (1 - share) + features[:, left + 1] * share
    return stretched


@cache
def _throat(index: int) -> NDArray[np.float32]:
    """Make a matrix [mels, mels] that reads each band where a longer or shorter throat has it."""
    top_mel = 2595 * np.log10(1 + 8000 / 700)
    centers_hz = 700 * (10 ** (np.arange(1, MELS + 1) / (MELS + 1) * top_mel / 2595) - 1)
    sources_hz = np.minimum(centers_hz * _THROATS[index], centers_hz[-1])
    places = np.interp(sources_hz, centers_hz, np.arange(MELS))
    left = np.minimum(places.astype(int), MELS - 2)
    matrix = np.zeros((MELS, MELS), np.float32)
    rows = np.arange(MELS)
    matrix[rows, left] = 1 - (places - left)
    matrix[rows, left + 1] = places - left
    return matrix


def _with_noise(features: LogMel, rng: random.Random) -> LogMel:
    """Add the power of a tilted steady noise, 24 to 72 dB below the loudest band."""
    level = features.max() - rng.uniform(0.6, 1.8)
    tilt = rng.uniform(-0.4, 0.4) * np.linspace(-0.5, 0.5, MELS)[:, None]
    source = np.random.default_rng(rng.getrandbits(32))
    flicker = np.log10(source.exponential(size=features.shape) + 1e-3) / 4
    powers = 10 ** (4 * features) + 10 ** (4 * (level + tilt + flicker))
    noisy: LogMel = (np.log10(powers) / 4).astype(np.float32)
    return noisy


def _with_gaps(features: LogMel, rng: random.Random) -> LogMel:
    """Blank a few bands and a short moment (SpecAugment)."""
    mels, frames = features.shape
    for _ in range(rng.randint(0, 2)):
        width = rng.randint(1, 7)
        first = rng.randint(0, mels - width)
        features[first : first + width] = features.mean()
    if rng.random() < 0.25:
        width = min(rng.randint(2, 10), frames)
        first = rng.randint(0, frames - width)
        features[:, first : first + width] = features.min()
    return features
