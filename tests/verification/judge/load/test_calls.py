"""L1."""

from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from voicegate.judge.finding import Status
from voicegate.judge.load.calls import judge
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import End, Fault, Recording

GOOD = LoadRun().recording()
CALLS = sorted({event.call for event in GOOD.calls})


def failing(
    recording: Recording, count: int, fault: Fault = "agent", detail: str = "no agent joined within 20 s"
) -> Recording:
    """Let the last step of so many calls be a failure, and this one's fault."""
    failed = CALLS[:count]
    calls = tuple(
        replace(event, step="failed", detail=detail, fault=fault)
        if event.step == "hung_up" and event.call in failed
        else event
        for event in recording.calls
    )
    return replace(recording, calls=calls)


@pytest.mark.parametrize(("failed", "status"), [(0, Status.PASS), (1, Status.PASS), (2, Status.FAIL)])
def test_limit(failed: int, status: Status) -> None:
    """So large a part may fail and no larger."""
    rules = Rules(Limits(load_failed_calls=1 / len(CALLS)))
    assert judge(failing(GOOD, failed), rules).status is status


def test_a_failure_is_told_with_its_time() -> None:
    """Somebody has to find it in the logs."""
    finding = judge(failing(GOOD, 1), Rules())
    assert finding.status is Status.FAIL
    assert finding.evidence == (f"{CALLS[0]} at 5.0 s: no agent joined within 20 s",)


def test_the_reason_comes_with_what_the_logs_say() -> None:
    """The most frequent failure is told, and what to do about it where the logs told the gate."""
    recording = failing(GOOD, 2, detail="no agent joined within 20 s: full capacity")
    recording = replace(
        recording,
        calls=tuple(
            replace(one, advice="count calls" if one.step == "failed" else None) for one in recording.calls
        ),
    )
    finding = judge(recording, Rules())
    assert finding.reason.endswith("; no agent joined within 20 s: full capacity (2 of the 2)")
    assert finding.advice == "count calls"


def test_calls_that_the_end_of_the_run_cut_off_do_not_count() -> None:
    """They say nothing about the agent."""
    finding = judge(failing(GOOD, 5, "run"), Rules())
    assert finding.status is Status.PASS
    assert finding.measurements[0].samples == len(CALLS) - 5


def test_nothing_but_cut_off_calls_is_an_error() -> None:
    """There is nothing to count."""
    assert judge(failing(GOOD, len(CALLS), "run"), Rules()).status is Status.ERROR


def test_calls_without_a_turn_are_an_error() -> None:
    """Joining and hanging up is not what is to be shown."""
    assert judge(replace(GOOD, turns=()), Rules()).status is Status.ERROR


@pytest.mark.parametrize("end", [None, End(100.0, "interrupted")])
def test_a_run_that_broke_off_is_an_error(end: End | None) -> None:
    """What was seen is no whole run."""
    assert judge(replace(GOOD, end=end), Rules()).status is Status.ERROR


@pytest.mark.parametrize("count", [2, len(CALLS)])
@pytest.mark.parametrize(
    ("fault", "owner"),
    [
        ("server", "the LiveKit server"),
        ("caller", "the gate's own caller"),
        ("caller-process", "the process of the gate's callers"),
    ],
)
def test_calls_that_others_failed_are_an_error_and_no_failure(count: int, fault: Fault, owner: str) -> None:
    """It was not the load that was asked for, and not the agent's fault, also when there was nothing else."""
    finding = judge(failing(GOOD, count, fault, "it stopped"), Rules())
    assert finding.status is Status.ERROR
    assert f"failed because of {owner}, not of the agent: {count} (it stopped)" in finding.reason


def test_calls_of_which_no_end_is_known_are_an_error() -> None:
    """In a whole run every caller hangs up; nobody knows what else is missing."""
    calls = tuple(event for event in GOOD.calls if (event.call, event.step) != (CALLS[0], "hung_up"))
    finding = judge(replace(GOOD, calls=calls), Rules())
    assert finding.status is Status.ERROR
    assert f"calls of which no end was recorded: 1 ({CALLS[0]})" in finding.reason
