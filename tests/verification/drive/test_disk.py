"""Making room for a recording."""

from pathlib import Path

import pytest
from voicegate.drive.disk import DiskError, make_folder, measure_disk


def test_the_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    """A path that does not exist yet is fine, and so is one that does."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b").is_dir()


def test_a_disk_without_room_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """The message has what is free and what is needed."""
    with pytest.raises(DiskError, match=r"\d+ MB free, .* may need 1000000000000 MB"):
        make_folder(tmp_path / "a", needed_bytes=10**18)

    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way is named."""
    (tmp_path / "a").write_text("in the way")

    with pytest.raises(DiskError, match="cannot make this folder"):
        make_folder(tmp_path / "a" / "b")


def test_room_is_measured_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    """The path that was asked for is recorded, with the disk it will be on."""
    here = measure_disk("report", tmp_path, 2.0)
    there = measure_disk("models", tmp_path / "a" / "b", 2.0)

    assert 0 < here.free_bytes <= here.total_bytes
    assert (there.t, there.purpose, there.path) == (2.0, "models", str(tmp_path / "a" / "b"))
    assert there.total_bytes == here.total_bytes


def test_what_the_run_wrote_is_measured(tmp_path: Path) -> None:
    """All files below its folder, links not followed; nothing for the disk of the models."""
    (tmp_path / "audio").mkdir()
    (tmp_path / "recording.jsonl").write_bytes(b"x" * 1000)
    (tmp_path / "audio" / "said.wav").write_bytes(b"x" * 500)
    (tmp_path / "elsewhere").symlink_to("/proc/kcore")

    assert measure_disk("report", tmp_path, 2.0).written_bytes == 1500
    assert measure_disk("models", tmp_path, 2.0).written_bytes is None
    assert measure_disk("report", tmp_path / "gone", 2.0).written_bytes == 0
