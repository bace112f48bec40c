"""Log-mel features, exactly as faster-whisper computes them before its encoder."""

from functools import cache

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from recipes.micro.voices import Audio

MELS = 80
FRAMES_PER_S = 100

LogMel = NDArray[np.float32]


@cache
def _extractor() -> FeatureExtractor:
    return FeatureExtractor(feature_size=MELS)


def log_mel(audio: Audio) -> LogMel:
    """Features [mels, frames] of 16 kHz audio: the content frames, without the padding frame."""
    features: LogMel = _extractor()(audio)[:, :-1].astype(np.float32)
    return features
