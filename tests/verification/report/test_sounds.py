"""The sound of calls inside a page."""

import base64
import io
from pathlib import Path

import av
import numpy as np
import pytest
from voicegate.record.wav import Samples, write_wav
from voicegate.report.sounds import SoundFiles, encode, sounds_within

RATE = 16_000
FILES = SoundFiles("audio/call-said.wav", "audio/call-heard.wav")


def tone(hertz: float, length_s: float) -> Samples:
    """Make a tone."""
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(length_s * RATE)) / RATE)).astype(np.int16)


def decoded(sound: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Decode into two channels."""
    with av.open(io.BytesIO(sound), "r") as container:
        return np.hstack([frame.to_ndarray() for frame in container.decode(audio=0)])


def test_both_sides_are_heard_each_on_its_own() -> None:
    """The caller left, the agent right; the shorter track is silent at its end."""
    left, right = decoded(encode(tone(400, 2.0), tone(900, 1.0), RATE))
    assert left.shape[0] == pytest.approx(2 * 48_000, rel=0.05)
    assert np.abs(left[60_000:80_000]).mean() > 5 * np.abs(right[60_000:80_000]).mean()
    assert np.abs(right[10_000:40_000]).mean() > 0.05


def test_nothing_is_a_sound_too() -> None:
    """An empty track makes a file, and no error."""
    assert encode(tone(400, 0), tone(400, 0), RATE).startswith(b"OggS")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a recording's folder with the sound of one call."""
    (tmp_path / "run" / "audio").mkdir(parents=True)
    for path in (FILES.said, FILES.heard):
        write_wav(tmp_path / "run" / path, tone(400, 1.0), RATE)
    return tmp_path / "run"


def test_a_call_becomes_a_data_uri(folder: Path) -> None:
    """Which the page's policy lets it play."""
    uri = sounds_within(folder, [("call", FILES)])["call"]
    kind, _, text = uri.partition(",")
    assert kind == "data:audio/ogg;base64"
    assert base64.b64decode(text) == encode(tone(400, 1.0), tone(400, 1.0), RATE)


def test_first_come_first_served(folder: Path) -> None:
    """Until there is no more room; a call that does not fit keeps no smaller one out."""
    size = len(encode(tone(400, 1.0), tone(400, 1.0), RATE))
    calls = [("first", FILES), ("second", FILES), ("third", FILES)]
    assert list(sounds_within(folder, calls, 2 * size + 10)) == ["first", "second"]
    write_wav(folder / "audio" / "long.wav", tone(400, 30.0), RATE)
    long = SoundFiles("audio/long.wav", "audio/long.wav")
    assert list(sounds_within(folder, [("long", long), ("call", FILES)], 2 * size)) == ["call"]


@pytest.mark.parametrize(
    "path", ["../secret.wav", "/etc/passwd", "audio/none.wav", "audio/text.wav", "audio"]
)
def test_only_sound_of_the_recording_is_read(folder: Path, path: str) -> None:
    """A recording from somebody else may name any file of this machine; what is no sound is left out."""
    write_wav(folder.parent / "secret.wav", tone(400, 1.0), RATE)
    (folder / "audio" / "text.wav").write_text("no sound")
    assert sounds_within(folder, [("call", SoundFiles(path, FILES.heard))]) == {}
