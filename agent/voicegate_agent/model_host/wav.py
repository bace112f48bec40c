"""WAV headers around little-endian signed 16-bit mono samples."""

import io
import struct
import wave

_UNKNOWN_LENGTH = 0xFFFFFFFF


def wav_from_pcm(pcm: bytes, sample_rate_hz: int) -> bytes:
    """Put a WAV header before mono 16-bit samples."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(pcm)
    return buffer.getvalue()


def streaming_wav_header(sample_rate_hz: int) -> bytes:
    """Give the header of a mono 16-bit WAV whose length is not known yet, as players of streams take it."""
    form = struct.pack("<HHIIHH", 1, 1, sample_rate_hz, sample_rate_hz * 2, 2, 16)
    return b"".join(
        [
            b"RIFF",
            struct.pack("<I", _UNKNOWN_LENGTH),
            b"WAVEfmt ",
            struct.pack("<I", len(form)),
            form,
            b"data",
            struct.pack("<I", _UNKNOWN_LENGTH),
        ]
    )
