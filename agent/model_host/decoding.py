"""Uploaded audio to the samples that Whisper hears."""

import io
import wave
from typing import Any

import numpy as np
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray

from agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, InvalidRequestError

Samples = NDArray[np.float32]


def decode_upload(data: bytes) -> Samples:
    """Decode a sound file to mono float samples at 16 kHz, in -1..1.

    WAV with 16-bit mono samples at that rate is read directly; every other format goes through FFmpeg.
    Raises InvalidRequestError when it is no audio.
    """
    if not data:
        raise InvalidRequestError("the uploaded file is empty; expected a sound file, for example WAV")
    direct = _read_plain_wav(data)
    if direct is not None:
        return direct
    try:
        samples: Any = decode_audio(io.BytesIO(data), sampling_rate=ASR_SAMPLE_RATE_HZ)
    except Exception as error:  # FFmpeg's errors have no base class of their own worth naming
        message = f"the uploaded file ({len(data)} bytes) is not audio that can be decoded: {error}"
        raise InvalidRequestError(message) from error
    return np.asarray(samples, np.float32)


def _read_plain_wav(data: bytes) -> Samples | None:
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, ASR_SAMPLE_RATE_HZ):
                return None
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return None
    whole = pcm[: len(pcm) // 2 * 2]
    return np.frombuffer(whole, np.dtype("<i2")).astype(np.float32) / np.float32(32768)
