"""What outlives processes: counted, and named the newest first."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from voicegate.record.events import Left
from voicegate.record.traces import SharedMemory, files_in, left_of


def test_few_names_and_all_of_them_counted() -> None:
    """A call that leaves a file each time would fill a recording with names."""
    assert left_of(str(number) for number in range(9)) == Left(9, ("0", "1", "2", "3", "4"))


def test_files_in_folders_count_with_the_folders(tmp_path: Path) -> None:
    """The newest comes first, by its path; a folder that is not there has nothing."""
    (tmp_path / "old").touch()
    os.utime(tmp_path / "old", (1, 1))
    (tmp_path / "made" / "deep").mkdir(parents=True)
    (tmp_path / "made" / "deep" / "new").touch()
    os.utime(tmp_path / "made" / "deep" / "new", (9e9, 9e9))
    left = files_in(tmp_path)
    assert left.count == 4
    assert (left.names[0], left.names[-1]) == ("made/deep/new", "old")
    assert files_in(tmp_path / "not there") == Left(0)


def test_a_file_that_goes_meanwhile_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone is left out."""
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    scan = os.scandir

    @contextmanager
    def late(folder: str) -> Iterator[list[os.DirEntry[str]]]:
        with scan(folder) as entries:
            found = list(entries)
        (tmp_path / "b").unlink(missing_ok=True)
        yield found

    monkeypatch.setattr(os, "scandir", late)
    assert files_in(tmp_path).count == 2


def test_many_files_are_counted_up_to_a_number(tmp_path: Path) -> None:
    """An agent that floods its folder does not stall the sampler."""
    for number in range(2_010):
        (tmp_path / str(number)).touch()
    (tmp_path / "folder").mkdir()
    assert files_in(tmp_path).count == 2_000


def test_shared_memory_counts_once_it_was_open_and_as_long_as_it_is_there(tmp_path: Path) -> None:
    """What lies there and nobody of the tree opened is somebody else's; what was deleted is nobody's."""
    for name in ("mine", "yours"):
        (tmp_path / name).touch()
    shared = SharedMemory(tmp_path)
    assert shared.left() == Left(0)
    shared.note([f"{tmp_path}/mine", f"{tmp_path}/gone (deleted)", "/dev/null", "socket:[1]"])
    assert shared.left() == Left(1, ("mine",))
    (tmp_path / "mine").unlink()
    assert shared.left() == Left(0)
