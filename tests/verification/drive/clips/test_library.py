"""The clips are all there, and a folder that is not right says what is wrong."""

import json
import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from voicegate.drive.clips.library import CLIPS_FOLDER, MANIFEST, load_library, read_audio, read_manifest
from voicegate.drive.errors import ClipError
from voicegate.drive.scenario import SCENARIOS, VARIANTS, Calls
from voicegate.expected_reply import ReplyWords
from voicegate.record.timeline import RATE
from voicegate.record.wav import write_wav


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy two of the shipped clips, with a manifest of their own."""
    manifest = read_manifest(CLIPS_FOLDER)
    few = manifest.model_copy(update={"clips": (manifest.clips[0], manifest.clips[-1])})
    for record in few.clips:
        shutil.copy(CLIPS_FOLDER / str(record.file), tmp_path)
    (tmp_path / MANIFEST).write_text(few.model_dump_json())
    return tmp_path


def test_every_shipped_clip_loads() -> None:
    """Every file is there, unaltered, and as long as the manifest says."""
    clips = load_library().clips
    for clip, record in zip(clips, read_manifest(CLIPS_FOLDER).clips, strict=True):
        assert record.duration_s == pytest.approx(len(clip.samples) / RATE, abs=0.001)
        assert np.abs(clip.samples.astype(int)).max() == pytest.approx(0.9 * 32767, abs=2)


def test_there_are_enough_codes_for_the_scenario_and_no_two_are_alike() -> None:
    """The full scenario with its variants says none twice; two differ in two digits, so that one wrong word is no cross-talk."""
    codes = [clip.code or "" for clip in load_library().codes]
    full = SCENARIOS["full"]
    steps = [*full.steps, *(step for variant in full.variants for step in VARIANTS[variant])]
    spoken = sum(step.callers * step.turns.count("code") for step in steps if isinstance(step, Calls))
    assert len(codes) >= spoken > 30
    for code, other in combinations(codes, 2):
        assert sum(a != b for a, b in zip(code, other, strict=True)) >= 2


def test_sentences_have_replies_and_no_code() -> None:
    """What is not a code clip is a sentence with a reply of its own."""
    sentences = load_library().sentences
    assert len(sentences) == 8
    assert len({clip.expected_reply for clip in sentences}) == 8


def test_the_clips_stay_small() -> None:
    """All clips together stay below 3 MB, since they travel with the package."""
    assert sum(path.stat().st_size for path in CLIPS_FOLDER.glob("*.flac")) < 3_000_000


def test_a_missing_file_is_named(copy: Path) -> None:
    """A clip that the manifest names and the folder lacks is an error that says which."""
    name = str(read_manifest(copy).clips[1].file)
    (copy / name).unlink()
    with pytest.raises(ClipError, match=name):
        load_library(copy)


def test_an_altered_file_is_named(copy: Path) -> None:
    """A clip with other content than the manifest's checksum is an error that says which."""
    name = str(read_manifest(copy).clips[0].file)
    content = bytearray((copy / name).read_bytes())
    content[-1] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ClipError, match=f"{name}: altered"):
        load_library(copy)


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2, "clips": []}', '{"version": 1, "clips": []}'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    """Anything but a list of clips in the known version is an error that names the file."""
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ClipError, match=MANIFEST):
        load_library(tmp_path)


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    """A folder without a manifest is an error that names the file."""
    with pytest.raises(ClipError, match=MANIFEST):
        load_library(tmp_path)


def test_clips_of_ones_own_may_have_another_format_and_rate(tmp_path: Path) -> None:
    """A WAV file at 48 kHz without a checksum comes out at the tracks' rate."""
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)).astype(np.int16)
    write_wav(tmp_path / "own.wav", tone, 48_000)
    own = {"name": "own", "file": "own.wav", "text": "a", "expected_reply": "b"}
    (tmp_path / MANIFEST).write_text(json.dumps({"clips": [own]}))
    (clip,) = load_library(tmp_path).clips
    assert len(clip.samples) == pytest.approx(RATE, abs=40)
    assert np.abs(clip.samples).max() == pytest.approx(8000, rel=0.05)


def test_a_clip_says_which_reply_it_should_get(copy: Path) -> None:
    """As a text, by a pattern or by words; left out, any reply will do."""
    manifest = json.loads((copy / MANIFEST).read_text())
    first, second = manifest["clips"]
    first["expected_reply"] = {"words": ["{code}"]}
    del second["expected_reply"]
    (copy / MANIFEST).write_text(json.dumps(manifest))
    assert [clip.expected_reply for clip in load_library(copy).clips] == [ReplyWords(("{code}",)), ""]


def test_an_expected_reply_that_is_none_is_named(copy: Path) -> None:
    """With the file, the clip and the key."""
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["clips"][1]["expected_reply"] = {"pattern": "("}
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(
        ClipError, match=r"clips\.json: .*\n.*clips\.1\.expected_reply\n.*not a regular expression"
    ):
        load_library(copy)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    """A file that is not audio is an error that names it."""
    (tmp_path / "noise.flac").write_bytes(b"not a sound")
    with pytest.raises(ClipError, match=r"noise\.flac"):
        read_audio(tmp_path / "noise.flac")


def test_a_pause_beyond_the_end_is_refused(copy: Path) -> None:
    """The message names the clip's file."""
    manifest = json.loads((copy / MANIFEST).read_text())
    manifest["clips"][0]["pause_s"] = 60
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ClipError, match="has a pause at 60 s"):
        load_library(copy)


def test_many_codes_say_where_to_pause() -> None:
    """Between two digits: neither at the begin nor at the end of what is spoken."""
    places = [clip.pause_s / (len(clip.samples) / RATE) for clip in load_library().codes if clip.pause_s]
    assert len(places) >= 20
    assert min(places) > 0.4
    assert max(places) < 0.85
