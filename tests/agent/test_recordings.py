"""Phrases that were recorded beforehand."""

from pathlib import Path

import pytest
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.models.profiles import VOICE_DIR
from voicegate_agent.phrases import BY_LANGUAGE, ENGLISH, GERMAN, phrases_in
from voicegate_agent.recordings import read_phrases, record_phrases, recordings_folder

VOICE = VOICE_DIR / "voice.onnx"


def test_phrases_are_recorded_once_in_the_agents_voice(tmp_path: Path) -> None:
    """Half a second of sound or more for each, at the voice's rate, in every language; what is there is not made again, and others may read it."""
    settings = HostSettings(cache_dir=tmp_path)
    record_phrases(settings, VOICE)
    folder = recordings_folder(settings, VOICE)
    files = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    record_phrases(settings, VOICE)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == files
    recorded = read_phrases(folder, (*ENGLISH.all, *GERMAN.all))
    assert set(recorded.sounds) == {*ENGLISH.all, *GERMAN.all}
    assert all(path.stat().st_mode & 0o044 for path in files)
    assert all(len(pcm) > recorded.rate_hz for pcm in recorded.sounds.values())


def test_what_was_not_recorded_is_left_out(tmp_path: Path) -> None:
    """No folder, or a damaged file: the model speaks then."""
    folder = tmp_path / "phrases"
    assert read_phrases(folder, ENGLISH.all).sounds == {}


def test_another_speed_has_other_recordings() -> None:
    """As has another voice."""
    folders = {recordings_folder(HostSettings(speed=speed), VOICE) for speed in (1.0, 1.5)}
    folders.add(recordings_folder(HostSettings(), "http://127.0.0.1:9"))
    assert len(folders) == 3


@pytest.mark.parametrize(
    ("language", "phrases"), [("en", ENGLISH), ("de-DE", GERMAN), ("fr", ENGLISH), ("auto", ENGLISH)]
)
def test_each_language_has_its_phrases(language: str, phrases: object) -> None:
    """English ones where there are none."""
    assert phrases_in(language) is phrases


def test_a_phrase_is_one_sentence() -> None:
    """LiveKit has speech made sentence by sentence, and asks for the recording by its text."""
    for phrases in BY_LANGUAGE.values():
        assert all(sum(text.count(mark) for mark in ".?!") == 1 for text in phrases.all)
