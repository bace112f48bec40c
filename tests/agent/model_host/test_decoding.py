"""Uploads of all kinds become samples at 16 kHz, or are refused in plain words."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from voicegate_agent.model_host.api_requests import SpeechFormat
from voicegate_agent.model_host.decoding import decode_upload
from voicegate_agent.model_host.encoding import encoder
from voicegate_agent.model_host.protocol import MAX_UPLOAD_S, InvalidRequestError, UploadTooLargeError
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
    whole = bytes(2 * rate_hz * MAX_UPLOAD_S)
    assert len(decode_upload(wav_from_pcm(whole, rate_hz))) == pytest.approx(4_800_000, abs=40)
    with pytest.raises(UploadTooLargeError, match="longer than 300 s"):
        decode_upload(wav_from_pcm(whole + bytes(rate_hz), rate_hz))


@pytest.mark.parametrize("data", [b"", b"RIFF", b"this is a text", bytes(1_000)])
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    """The refusal says that the uploaded file is the trouble."""
    with pytest.raises(InvalidRequestError, match="the uploaded file"):
        decode_upload(data)


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac"])
def test_of_a_damaged_file_the_rest_is_heard(name: str) -> None:
    """Bytes overwritten in the middle, one flipped, or the end missing: what can be decoded counts."""
    file = encoder(SpeechFormat(name), 16_000)
    whole = file.add(tone(16_000, 6).tobytes()) + file.finish()
    middle = len(whole) // 2
    overwritten = whole[:middle] + bytes(200) + whole[middle + 200 :]
    flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    for damaged, least_s in ((overwritten, 5.5), (flipped, 5.5), (whole[: int(len(whole) * 0.7)], 3.0)):
        assert least_s < len(decode_upload(damaged)) / 16_000 < 6.2


def test_a_head_that_counts_no_samples_is_not_believed() -> None:
    """Recorders that were cut off leave a size of 0; the samples are behind it."""
    head = bytearray(wav_from_pcm(b"", 16_000))
    head[4:8] = (36).to_bytes(4, "little")
    assert decode_upload(bytes(head) + b"\x00\x40\x00\x40").tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    "playlist",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{path}\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile {path}\n",
    ],
)
def test_a_playlist_is_no_recording(playlist: bytes, tmp_path: Path) -> None:
    """It names other files, which must not be opened for a stranger."""
    path = tmp_path / "secret.wav"
    path.write_bytes(wav_from_pcm(tone(16_000).tobytes(), 16_000))
    with pytest.raises(InvalidRequestError, match="not audio"):
        decode_upload(playlist.replace(b"{path}", str(path).encode()))
