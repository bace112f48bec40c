"""Mono 16-bit WAV files as numpy arrays, and back."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


class WavError(Exception):
    """A WAV file that cannot be read; the message names it and what was expected."""


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """Write samples, shape (n,), at `rate` per second."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def read_wav(path: Path) -> tuple[Samples, int]:
    """Read samples, shape (n,), and their rate per second. Raises WavError."""
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                raise WavError(f"{path}: expected 16-bit mono, not {file.getparams()}")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(
                np.int16
            ), file.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise WavError(f"{path}: cannot be read as WAV: {error}") from error
