"""Uploads of all kinds become samples at 16 kHz, or are refused in plain words."""

import io
import wave

import numpy as np
import pytest
from voicegate_agent.model_host.decoding import MAX_DURATION_S, decode_upload
from voicegate_agent.model_host.protocol import InvalidRequestError
from voicegate_agent.model_host.wav import streaming_wav_header, wav_from_pcm


def tone(rate_hz: int, duration_s: float = 0.5) -> np.ndarray:
    """Give a 440 Hz tone of half the full level."""
    time_s = np.arange(round(rate_hz * duration_s)) / rate_hz
    return (np.sin(2 * np.pi * 440 * time_s) * 16_384).astype(np.int16)


def test_a_plain_wav_is_read_exactly() -> None:
    """Mono 16-bit samples at 16 kHz arrive sample by sample, scaled to -1..1."""
    samples = decode_upload(wav_from_pcm(np.array([0, 16_384, -32_768], np.int16).tobytes(), 16_000))
    assert samples.tolist() == [0.0, 0.5, -1.0]


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
def test_other_rates_are_resampled(rate_hz: int) -> None:
    """The tone keeps its length and level at 16 kHz."""
    samples = decode_upload(wav_from_pcm(tone(rate_hz).tobytes(), rate_hz))
    assert len(samples) == pytest.approx(8_000, abs=40)
    assert np.abs(samples[1_000:7_000]).max() == pytest.approx(0.5, abs=0.02)


def test_two_channels_become_one() -> None:
    """Equal channels give the level of either."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.repeat(tone(16_000), 2).tobytes())
    samples = decode_upload(buffer.getvalue())
    assert len(samples) == pytest.approx(8_000, abs=40)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


def test_an_odd_last_byte_is_left_out() -> None:
    """Half a sample at the end, from a stream that was cut, does no harm."""
    samples = decode_upload(streaming_wav_header(16_000) + b"\x00\x40\x00\x40\x7f")
    assert samples.tolist() == [0.5, 0.5]


def test_a_file_without_samples_is_silence() -> None:
    """A WAV of no length gives no samples and no error."""
    assert len(decode_upload(wav_from_pcm(b"", 16_000))) == 0


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_hours_of_audio_are_refused(rate_hz: int) -> None:
    """An upload of five minutes is heard, a longer one is refused while it is decoded."""
    whole = bytes(2 * rate_hz * MAX_DURATION_S)
    assert len(decode_upload(wav_from_pcm(whole, rate_hz))) == pytest.approx(4_800_000, abs=40)
    with pytest.raises(InvalidRequestError, match="longer than 300 s"):
        decode_upload(wav_from_pcm(whole + bytes(rate_hz), rate_hz))


@pytest.mark.parametrize("data", [b"", b"RIFF", b"this is a text", bytes(1_000)])
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    """The refusal says that the uploaded file is the trouble."""
    with pytest.raises(InvalidRequestError, match="the uploaded file"):
        decode_upload(data)
