"""Uploaded audio to the samples that Whisper hears."""

import io
import wave
from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from voicegate_agent.model_host.protocol import (
    ASR_SAMPLE_RATE_HZ,
    MAX_UPLOAD_S,
    InvalidRequestError,
    UploadTooLargeError,
)

Samples = NDArray[np.float32]

_MAX_BYTES = 2 * MAX_UPLOAD_S * ASR_SAMPLE_RATE_HZ

_CONTAINERS = "wav,w64,aiff,au,mp3,aac,flac,ogg,mov,matroska,webm,caf,amr,asf"
"""What recordings come in. Play lists, pictures and device names are no containers here: they could name other files."""


def decode_upload(data: bytes) -> Samples:
    """Decode a sound file to mono float samples at 16 kHz, in -1..1; of a damaged one what can be decoded.

    WAV with 16-bit mono samples at that rate is read directly; every other format goes through FFmpeg.
    Raises InvalidRequestError when it is no audio, UploadTooLargeError when it is more than `MAX_UPLOAD_S` of it.
    """
    if not data:
        raise InvalidRequestError(
            "the uploaded file is empty; expected a sound file, for example WAV", param="file"
        )
    pcm = _read_plain_wav(data)
    if pcm is None:
        pcm = _decode_any(data)
    if len(pcm) > _MAX_BYTES:
        raise _too_long()
    whole = pcm[: len(pcm) // 2 * 2]
    return np.frombuffer(whole, np.int16).astype(np.float32) / np.float32(32768)


def _read_plain_wav(data: bytes) -> bytes | None:
    """Read samples that need no conversion; where the head says that there are none, all that is behind it."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, ASR_SAMPLE_RATE_HZ):
                return None
            pcm: bytes = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return None
    return pcm or data[data.index(b"data") + 8 :]


def _decode_any(data: bytes) -> bytes:
    pieces: list[bytes] = []
    size_bytes = 0
    try:
        for piece in _resampled_pieces(data):
            pieces.append(piece)
            size_bytes += len(piece)
            if size_bytes > _MAX_BYTES:
                raise _too_long()
    except (av.FFmpegError, IndexError, ValueError) as error:
        if not pieces:
            message = f"the uploaded file ({len(data)} bytes) is not audio that can be decoded: {error}"
            raise InvalidRequestError(message, param="file") from error
    return b"".join(pieces)


def _resampled_pieces(data: bytes) -> Iterator[bytes]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=ASR_SAMPLE_RATE_HZ)
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": ""}
    heard = False
    error: av.FFmpegError | None = None
    with av.open(io.BytesIO(data), "r", metadata_errors="ignore", options=options) as container:
        for packet in container.demux(container.streams.audio[0]):
            try:
                frames = packet.decode()
            except av.FFmpegError as damaged:  # the next packet may be whole
                error = damaged
                continue
            for frame in frames:
                assert isinstance(frame, av.AudioFrame)
                heard = True
                frame.pts = None
                for piece in resampler.resample(frame):
                    yield piece.to_ndarray().tobytes()
    if error is not None and not heard:
        raise error
    for piece in resampler.resample(None):
        yield piece.to_ndarray().tobytes()


def _too_long() -> UploadTooLargeError:
    message = f"the uploaded audio is longer than {MAX_UPLOAD_S} s; cut it, and send the parts one by one"
    return UploadTooLargeError(message, param="file")
