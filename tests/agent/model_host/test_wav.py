"""WAV files that the standard library and players of streams read."""

import io
import struct
import wave

from voicegate_agent.model_host.wav import streaming_wav_header, wav_from_pcm


def test_samples_come_back_out_of_the_file() -> None:
    """A written file holds the samples, their rate and one channel."""
    with wave.open(io.BytesIO(wav_from_pcm(b"\x01\x00\x02\x00", 22_050))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        assert file.readframes(9) == b"\x01\x00\x02\x00"


def test_a_streams_header_differs_in_its_lengths_only() -> None:
    """The header of a stream is that of a file, with the largest lengths in place of the true ones."""
    known, unknown = bytearray(wav_from_pcm(b"", 16_000)), streaming_wav_header(16_000)
    for offset in (4, 40):
        struct.pack_into("<I", known, offset, 0xFFFFFFFF)
    assert unknown == bytes(known)
