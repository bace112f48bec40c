"""What a Locust master does for a load run; in a program of its own, as importing Locust changes the process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from with_locust import RunProgram

MASTERS = Path(__file__).with_name("masters.py")
Play = Callable[[str], dict[str, Any]]


@pytest.fixture
def play(run_program: RunProgram) -> Play:
    """Give a function that plays a case of the program and returns what came of it."""

    def played(case: str) -> dict[str, Any]:
        done = run_program(str(MASTERS), case)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return played


def test_a_master_waits_for_the_last_lines_of_workers_with_callers(play: Play) -> None:
    """Those without are not asked; what comes is passed on."""
    played = play("last_lines")
    assert sorted(played["asked"]) == ["a", "b"]
    assert [line["call"] for line in played["lines"]] == ["c", "c"]


def test_events_of_another_machine_come_with_what_is_known_of_its_clock(play: Play) -> None:
    """The master asks its workers; where no answer came it says nothing."""
    known, unknown = play("clocks")["packages"]
    assert abs(known["ahead_s"] - 1000) < 0.1
    assert known["within_s"] < 0.1
    assert "ahead_s" not in unknown


def test_the_calls_of_a_lost_worker_are_ended(play: Play) -> None:
    """Only those that were going on; a worker that told of none leaves one behind, so that it is not forgotten."""
    played = play("lost_workers")
    assert played["failures"] == [
        "worker a is lost, and 1 calls with it",
        "worker b is lost, and 0 calls with it",
    ]
    ended = [(line["call"], line["step"], line["fault"]) for line in played["lines"]]
    assert ended == [("c", "failed", "caller-process"), ("calls of b", "failed", "caller-process")]


def test_a_phase_lasts_until_the_next_begins_or_the_test_stops(play: Play) -> None:
    """It is named by its callers, and ended once."""
    lines = play("phases")["lines"]
    assert [(line["name"], line["edge"], line["concurrent_calls"]) for line in lines] == [
        ("1-caller", "begin", 1),
        ("1-caller", "end", 1),
        ("4-callers", "begin", 4),
        ("4-callers", "end", 4),
    ]


def test_a_run_that_nobody_records_ends_early_too(play: Play) -> None:
    """With exit code 1, and the reason among Locust's failures."""
    played = play("early_stop")
    assert played["exit_code"] == 1
    assert played["failures"] == [
        "stopped early: L1 can no longer be met: calls that failed: 1 of 1, and at most 2 more can come"
    ]


def test_what_is_asked_for_has_callers_and_an_end(play: Play) -> None:
    """Some seconds are added for Locust's own looks; without an end there is no plan."""
    plans = play("plans")
    assert plans["for a time"] == {"callers": 5, "end_t": 63.0, "arrivals_per_s": None}
    assert plans["open"] == {"callers": 5, "end_t": 63.0, "arrivals_per_s": 0.5}
    assert plans["steps"] == {"callers": 4, "end_t": 33.0, "arrivals_per_s": None}
    assert plans["soak"] == {"callers": 3, "end_t": 3603.0, "arrivals_per_s": None}
    assert plans["until Ctrl-C"] is None


def test_calls_that_find_nobody_free_are_missed_and_counted(play: Play) -> None:
    """A caller takes one call at a time, and one who has gone takes none."""
    assert play("arrivals") == {"taken": [0, 1]}
