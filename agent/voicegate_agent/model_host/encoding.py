"""Samples to the bytes of a sound file, piece by piece, so that the first are sent while the rest is made."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import av
import numpy as np
from av.audio.stream import AudioStream

from voicegate_agent.model_host.api_requests import SpeechFormat
from voicegate_agent.model_host.protocol import InvalidRequestError, pcm_content_type
from voicegate_agent.model_host.wav import streaming_wav_header


class Encoder(Protocol):
    """What makes a file of mono signed 16-bit little-endian samples of one rate."""

    def add(self, pcm: bytes) -> bytes:
        """Give the bytes that are ready after these samples; the file's head comes with the first."""
        ...

    def finish(self) -> bytes:
        """Give the bytes that end the file."""
        ...


@dataclass(frozen=True, slots=True)
class _Compressed:
    container: str
    codec: str
    content_type: str
    rates_hz: tuple[int, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    bit_rate: int | None = None


_MPEG_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_BIT_RATE = 64_000
_COMPRESSED = MappingProxyType(
    {
        # Without an index at the head, which could only be written at the end.
        SpeechFormat.MP3: _Compressed(
            "mp3", "libmp3lame", "audio/mpeg", _MPEG_RATES, (("write_xing", "0"),), _BIT_RATE
        ),
        SpeechFormat.OPUS: _Compressed(
            "ogg",
            "libopus",
            "audio/ogg",
            (8_000, 12_000, 16_000, 24_000, 48_000),
            (("page_duration", "20000"),),
        ),
        SpeechFormat.AAC: _Compressed("adts", "aac", "audio/aac", _MPEG_RATES, bit_rate=_BIT_RATE),
        SpeechFormat.FLAC: _Compressed("flac", "flac", "audio/flac"),
    }
)


def content_type(answer_format: SpeechFormat, rate_hz: int) -> str:
    """Name the bytes of a format."""
    if answer_format is SpeechFormat.PCM:
        return pcm_content_type(rate_hz)
    return "audio/wav" if answer_format is SpeechFormat.WAV else _COMPRESSED[answer_format].content_type


def usual_rate(answer_format: SpeechFormat, voice_hz: int) -> int:
    """Give the rate of a format for a voice: its own, or the next that the format can have."""
    rates_hz = _COMPRESSED[answer_format].rates_hz if answer_format in _COMPRESSED else ()
    return next((rate_hz for rate_hz in rates_hz if rate_hz >= voice_hz), voice_hz)


def encoder(answer_format: SpeechFormat, rate_hz: int) -> Encoder:
    """Make an encoder; raises InvalidRequestError for a rate that the format cannot have."""
    if answer_format not in _COMPRESSED:
        return _Plain(streaming_wav_header(rate_hz) if answer_format is SpeechFormat.WAV else b"")
    if usual_rate(answer_format, rate_hz) != rate_hz:
        rates = ", ".join(map(str, _COMPRESSED[answer_format].rates_hz))
        message = f"sample_rate is {rate_hz}; {answer_format} can have {rates}"
        raise InvalidRequestError(message, param="sample_rate")
    return _Encoded(_COMPRESSED[answer_format], rate_hz)


class _Plain:
    def __init__(self, head: bytes) -> None:
        self._head = head

    def add(self, pcm: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + pcm

    def finish(self) -> bytes:
        return self._head


class _Encoded:
    def __init__(self, kind: _Compressed, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._written = _Written()
        self._container = av.open(
            self._written,
            "w",
            format=kind.container,
            container_options={"flush_packets": "1", **dict(kind.options)},
        )
        stream = self._container.add_stream(kind.codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)
        if kind.bit_rate:
            stream.bit_rate = kind.bit_rate
        self._stream = stream

    def add(self, pcm: bytes) -> bytes:
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(pcm, np.int16)[np.newaxis], format="s16", layout="mono"
        )
        frame.sample_rate = self._rate_hz
        self._container.mux(self._stream.encode(frame))
        return self._written.take()

    def finish(self) -> bytes:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._written.take()


class _Written:
    """A file that FFmpeg writes to and cannot go back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data
