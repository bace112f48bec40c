"""WAV files."""

from pathlib import Path

import numpy as np
import pytest
from voicegate.record.wav import WavError, read_wav, write_wav


def test_samples_come_back_as_written(tmp_path: Path) -> None:
    """Both extremes survive."""
    samples = np.array([0, 1, -1, 32767, -32768], np.int16)
    write_wav(tmp_path / "a.wav", samples, 16_000)

    read, rate = read_wav(tmp_path / "a.wav")

    assert rate == 16_000
    assert read.tolist() == samples.tolist()


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a wav file at all, but some text of some length"])
def test_what_is_no_wav_file_is_named(tmp_path: Path, content: bytes) -> None:
    """The message has the path."""
    (tmp_path / "b.wav").write_bytes(content)

    with pytest.raises(WavError, match=r"b\.wav"):
        read_wav(tmp_path / "b.wav")
