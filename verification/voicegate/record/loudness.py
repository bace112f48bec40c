"""How loud sound was, step by step, and where it clips: small enough to be recorded, so that speech and gaps are found in it later."""

import numpy as np
from numpy.typing import NDArray

from voicegate.record.events import Loudness
from voicegate.record.wav import Samples

STEP_S = 0.005
FLOOR_DBFS = -80
SHORTEST_FLAT_TOP = 3
_FULL_SCALE = 32768
_LOUDEST = ord("#")  # stands for 0 dB, and each character after it for 1 dB less


def loudness_of(samples: Samples, rate: int) -> Loudness:
    """Take the loudness of `samples`, shape (n,), in steps of STEP_S; silence before and after the sound is left out.

    What is left out before is a whole number of 10 ms: speech is looked for in frames that long.
    """
    size = round(rate * STEP_S)
    steps = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    power = np.mean((steps / _FULL_SCALE) ** 2, axis=1)
    dbfs = np.round(10 * np.log10(np.maximum(power, 1e-12))).clip(FLOOR_DBFS, 0)
    audible = np.flatnonzero(dbfs > FLOOR_DBFS)
    if not len(audible):
        return Loudness(0.0, "")
    first = int(audible[0]) // 2 * 2
    characters = _LOUDEST - dbfs[first : int(audible[-1]) + 1]
    return Loudness(round(first * STEP_S, 3), characters.astype(np.uint8).tobytes().decode("ascii"))


def levels_of(loudness: Loudness) -> NDArray[np.float64]:
    """Return the level of each step in dB of full scale, shape (n,)."""
    return _LOUDEST - np.frombuffer(loudness.dbfs.encode("ascii"), np.uint8).astype(np.float64)


def clipped_samples(samples: Samples) -> int:
    """Count the samples in flat tops: SHORTEST_FLAT_TOP or more in a row at full scale. A lone peak there is loud, not clipped."""
    full = np.abs(samples.astype(np.int32)) >= _FULL_SCALE - 1
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= SHORTEST_FLAT_TOP].sum())
