"""Uploaded audio to the samples that Whisper hears."""

import io
import wave
from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, InvalidRequestError

Samples = NDArray[np.float32]

MAX_DURATION_S = 300
"""Compressed audio of 25 MB can last for hours; this host is for utterances."""


def decode_upload(data: bytes) -> Samples:
    """Decode a sound file to mono float samples at 16 kHz, in -1..1.

    WAV with 16-bit mono samples at that rate is read directly; every other format goes through FFmpeg.
    Raises InvalidRequestError when it is no audio, or more than `MAX_DURATION_S` of it.
    """
    if not data:
        raise InvalidRequestError("the uploaded file is empty; expected a sound file, for example WAV")
    pcm = _read_plain_wav(data)
    if pcm is None:
        pcm = _decode_any(data)
    if len(pcm) > 2 * MAX_DURATION_S * ASR_SAMPLE_RATE_HZ:
        raise _too_long()
    whole = pcm[: len(pcm) // 2 * 2]
    return np.frombuffer(whole, np.int16).astype(np.float32) / np.float32(32768)


def _read_plain_wav(data: bytes) -> bytes | None:
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, ASR_SAMPLE_RATE_HZ):
                return None
            pcm: bytes = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return None
    return pcm


def _decode_any(data: bytes) -> bytes:
    pieces: list[bytes] = []
    size_bytes = 0
    try:
        for piece in _resampled_pieces(data):
            pieces.append(piece)
            size_bytes += len(piece)
            if size_bytes > 2 * MAX_DURATION_S * ASR_SAMPLE_RATE_HZ:
                raise _too_long()
    except (av.FFmpegError, IndexError, ValueError) as error:
        message = f"the uploaded file ({len(data)} bytes) is not audio that can be decoded: {error}"
        raise InvalidRequestError(message) from error
    return b"".join(pieces)


def _resampled_pieces(data: bytes) -> Iterator[bytes]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=ASR_SAMPLE_RATE_HZ)
    with av.open(io.BytesIO(data), "r", metadata_errors="ignore") as container:
        for frame in container.decode(audio=0):
            frame.pts = None
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().tobytes()
    for piece in resampler.resample(None):
        yield piece.to_ndarray().tobytes()


def _too_long() -> InvalidRequestError:
    return InvalidRequestError(f"the uploaded audio is longer than {MAX_DURATION_S} s")
