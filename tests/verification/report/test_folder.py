"""The folder of a run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from voicegate.report.folder import ReportError, new_folder, point_latest, write_text

NOW = datetime(2026, 11, 22, 13, 5, 9, tzinfo=UTC)


def test_folder_is_named_after_the_time(tmp_path: Path) -> None:
    """The name is the time in UTC, sortable and usable on any file system."""
    assert new_folder(tmp_path / "out", NOW).name == "2026-11-22T13-05-09Z"


def test_two_runs_in_one_second_do_not_mix(tmp_path: Path) -> None:
    """A name that is taken gets a number."""
    assert new_folder(tmp_path, NOW) != new_folder(tmp_path, NOW)


def test_latest_points_to_the_newest(tmp_path: Path) -> None:
    """The link is replaced in one step, and is relative."""
    first, second = new_folder(tmp_path, NOW), new_folder(tmp_path, NOW)
    point_latest(first)
    point_latest(second)
    assert (tmp_path / "latest").readlink() == Path(second.name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, second.name, "latest"])


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A path below a file is refused with its name."""
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match="file"):
        new_folder(tmp_path / "file" / "out", NOW)


def test_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    """What cannot be written whole is not left behind, and the error names it."""
    target = tmp_path / "there" / "verdict.json"
    with pytest.raises(ReportError, match=r"verdict\.json: cannot write"):
        write_text(target, "{}")
    assert not target.exists()
