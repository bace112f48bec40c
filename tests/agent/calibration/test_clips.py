"""Clips to measure a model with."""

import json
from pathlib import Path

import numpy as np
import pytest
from voicegate_agent.calibration.clips import INDEX, TEXTS, Clip, ClipsError, read_clips, spoken_clips
from voicegate_agent.model_host.wav import wav_from_pcm

SECOND = np.ones(16_000, np.int16).tobytes()


def folder_with(tmp_path: Path, index: object, *names: str) -> Path:
    """Make a folder of clips of one second."""
    (tmp_path / INDEX).write_text(index if isinstance(index, str) else json.dumps(index), encoding="utf-8")
    for name in names:
        (tmp_path / name).write_bytes(wav_from_pcm(SECOND, 16_000))
    return tmp_path


def test_a_folder_of_recordings_is_read(tmp_path: Path) -> None:
    """Each has its sound, its text, and a kind, `speech` where none is given."""
    index = [{"file": "a.wav", "text": "yes"}, {"file": "b.wav", "text": "no", "kind": "short"}]
    first, second = read_clips(folder_with(tmp_path, index, "a.wav", "b.wav"))
    assert (first.text, first.kind, len(first.samples)) == ("yes", "speech", 16_000)
    assert (second.text, second.kind) == ("no", "short")


def test_every_second_clip_is_read(tmp_path: Path) -> None:
    """The first among them."""
    index = [{"file": "a.wav", "text": str(number)} for number in range(5)]
    assert [clip.text for clip in read_clips(folder_with(tmp_path, index, "a.wav"), 2)] == ["0", "2", "4"]


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ("[", "is no JSON"),
        ([], "must be a list"),
        ({"file": "a.wav"}, "must be a list"),
        ([{"file": "a.wav"}], "must have a file and a text"),
        (["a.wav"], "must have a file and a text"),
        ([{"file": "gone.wav", "text": "yes"}], "gone.wav"),
        ([{"file": INDEX, "text": "yes"}], "is not audio"),
    ],
)
def test_clips_that_cannot_be_used_are_named(tmp_path: Path, index: object, said: str) -> None:
    """With the file, and what was expected."""
    with pytest.raises(ClipsError, match=said) as caught:
        read_clips(folder_with(tmp_path, index, "a.wav"))
    assert str(tmp_path) in str(caught.value)


def test_a_folder_without_an_index_is_an_error(tmp_path: Path) -> None:
    """It says which file must be there."""
    with pytest.raises(ClipsError, match=INDEX):
        read_clips(tmp_path)


def test_each_text_is_spoken_in_three_ways_and_silence_in_none() -> None:
    """As it is, over the telephone and in noise; and there are sounds in which nobody speaks."""
    time_s = np.arange(16_000) / 16_000
    tone = (0.3 * np.sin(2 * np.pi * 100 * time_s)).astype(np.float32)
    clips = spoken_clips(lambda _: tone)
    spoken = [clip for clip in clips if clip.text]
    assert len(spoken) == 3 * sum(len(texts) for texts in TEXTS.values())
    assert {clip.kind for clip in clips if not clip.text} == {"nobody speaks"}
    assert loudness(of(spoken, "short")) == pytest.approx(loudness(tone))
    assert loudness(of(spoken, "short, telephone")) < 0.01 * loudness(tone)
    assert loudness(of(spoken, "short, noise")) > loudness(tone)


def of(clips: list[Clip], kind: str) -> np.ndarray:
    """Take the sound of the first clip of a kind."""
    return next(clip.samples for clip in clips if clip.kind == kind)


def loudness(samples: np.ndarray) -> float:
    """Give the root mean square."""
    return float(np.sqrt(np.mean(np.square(samples))))
