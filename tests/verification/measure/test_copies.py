"""Second copies of log lines."""

from dataclasses import replace

import pytest
from voicegate.measure.copies import all_come_twice, counted_once, without_copies
from voicegate.record.events import LogLine

LOADED = LogLine(1.0, "loaded (ID: 7)", "INFO", written="2026-11-27 10:06:44,953")


def test_a_line_and_its_copy_are_one() -> None:
    """The main process writes it some milliseconds after the job."""
    other = LogLine(1.01, "hello", written="2026-11-27 10:06:44,950")
    copy = replace(LOADED, t=1.02)
    assert without_copies([LOADED, other, copy]) == [LOADED, other]


@pytest.mark.parametrize(
    "change",
    [
        {"written": "2026-11-27 10:06:44,954"},
        {"message": "loaded (ID: 8)"},
        {"level": "ERROR"},
        {"t": 4.0},
        {"written": None},
    ],
)
def test_two_loads_are_two(change: dict[str, str | float | None]) -> None:
    """They differ in id or time; and what has no time may be anything."""
    other = replace(LOADED, **change)  # type: ignore[arg-type]
    assert without_copies([LOADED, other]) == [LOADED, other]


def test_lines_of_two_processes_are_two() -> None:
    """Where the log names them."""
    first, second = replace(LOADED, pid=7), replace(LOADED, pid=8)
    assert without_copies([first, second]) == [first, second]
    assert without_copies([first, replace(LOADED, pid=7)]) == [first]


def test_copies_come_in_pairs() -> None:
    """Of four equal lines two are copies: two loads in one millisecond would still be seen."""
    assert len(without_copies([LOADED] * 4)) == 2


def test_a_line_that_comes_once_shows_that_nobody_copies() -> None:
    """Two calls in one process may reuse a model in one millisecond; lines without a time say nothing."""
    reused = replace(LOADED, message="reused (ID: 7)", written="2026-11-27 10:07:00,001")
    assert counted_once([LOADED, reused, reused]) == [LOADED, reused, reused]
    assert counted_once([LOADED, LOADED, reused, reused]) == [LOADED, reused]
    assert counted_once([LOADED, LOADED, *[reused] * 4]) == [LOADED, reused, reused]
    assert counted_once([LOADED, LOADED, *[reused] * 3]) == [LOADED, LOADED, *[reused] * 3]
    timeless = replace(reused, written=None)
    assert counted_once([LOADED, LOADED, timeless]) == [LOADED, timeless]


def test_a_log_in_which_all_comes_twice_and_nothing_tells_why() -> None:
    """Lines without a time and a process; one that comes once, or much later, tells that they are no copies."""
    plain = [LogLine(t, text) for t, text in ((1, "a"), (1, "b"), (1.1, "a"), (1.1, "b"), (9, "a"), (9, "a"))]
    assert all_come_twice(plain)
    assert not all_come_twice(plain[:-1])
    assert not all_come_twice([LogLine(1, "a"), LogLine(3, "a")])
    assert not all_come_twice([replace(line, pid=7) for line in plain])
    assert not all_come_twice([])
