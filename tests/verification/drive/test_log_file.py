"""Following a log file that somebody else writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from voicegate.drive.log_file import LogFile, LogFileError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a log file that has a line already."""
    path = tmp_path / "agent.log"
    path.write_text("old\n")
    return path


@pytest.fixture
def file(path: Path) -> Iterator[LogFile]:
    """Follow it."""
    file = LogFile(path)
    yield file
    file.close()


def append(path: Path, text: str) -> None:
    """Add to a file, as a logger does."""
    with path.open("a") as log:
        log.write(text)


def test_what_was_there_is_not_read(path: Path, file: LogFile) -> None:
    """Only what is added belongs to this run."""
    assert file.read() == b""
    append(path, "one\ntw")
    assert file.read() == b"one\ntw"
    assert file.read() == b""
    append(path, "o\n")
    assert file.read() == b"o\n"


def test_a_file_that_appears_later_is_read_from_its_start(tmp_path: Path) -> None:
    """All of it was written in this run."""
    file = LogFile(tmp_path / "agent.log")
    before = file.there
    assert file.read() == b""
    append(tmp_path / "agent.log", "one\n")
    assert file.read() == b"one\n"
    assert (before, file.there) == (False, True)
    file.close()


def test_a_truncated_file_is_read_from_its_start(path: Path, file: LogFile) -> None:
    """As `copytruncate` leaves it."""
    append(path, "one, a long line\n")
    assert file.read() == b"one, a long line\n"
    path.write_text("two\n")
    assert file.read() == b"two\n"


def test_a_rotated_file_is_read_to_its_end_and_then_the_new_one(path: Path, file: LogFile) -> None:
    """Nothing is lost in between, nor while there is no file."""
    append(path, "one\n")
    path.rename(path.with_suffix(".1"))
    append(path.with_suffix(".1"), "two\n")
    assert file.read() == b"one\ntwo\n"
    assert file.read() == b""
    append(path, "three\n")
    assert file.read() == b"three\n"


def test_what_is_written_to_the_old_file_after_rotation_is_read(path: Path, file: LogFile) -> None:
    """Whoever has it open goes on with it until he is told of the new one; a line of one is not mixed with a line of the other."""
    with path.open("a") as old:
        path.rename(path.with_suffix(".1"))
        append(path, "new one\nne")
        assert file.read() == b"new one\nne"
        old.write("late\n")
        old.flush()
        assert file.read() == b"\nlate\n"
        append(path, "w two\n")
        assert file.read() == b"w two\n"


def test_old_files_are_closed(path: Path) -> None:
    """However often a log rotates, few stay open, and none in the end."""
    file = LogFile(path)
    for count in range(20):
        path.rename(path.with_suffix(f".{count}"))
        append(path, f"{count}\n")
        assert file.read() == f"{count}\n".encode()
    assert open_in(path.parent) == 4
    file.close()
    assert open_in(path.parent) == 0


def open_in(folder: Path) -> int:
    """Count the files in a folder that this process has open."""
    links = [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return sum(folder in one.resolve().parents for one in links)


def test_a_line_torn_by_rotation_does_not_swallow_the_next(path: Path, file: LogFile) -> None:
    """Its rest is nowhere to be found."""
    append(path, "tor")
    assert file.read() == b"tor"
    path.unlink()
    append(path, "three\n")
    assert file.read() == b"\nthree\n"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """With its setting and the reason."""
    with pytest.raises(LogFileError, match=r"agent\.log_file: cannot read .*: Is a directory"):
        LogFile(tmp_path).read()
