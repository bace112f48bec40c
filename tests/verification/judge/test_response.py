"""T1."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.judge.response import judge
from voicegate.record.events import Recording

GOOD = Run(cycles=20).recording()
ALONE = 22  # turns of callers who are alone: the first two calls, and one in each of twenty cycles
CROWD = tuple(f"call-{number:02d}" for number in range(3, 11))  # three at once, then five


def answered_after(*waits_s: float | None) -> Recording:
    """Make a run whose first calls with one caller at a time were answered so late, the others after 0.5 s."""
    recording = GOOD
    names = [turn.call for turn in GOOD.turns if turn.call not in CROWD]
    for name, wait_s in zip(names, waits_s, strict=False):
        recording = change_turn(recording, name, latency_s=wait_s)
    return recording


@pytest.mark.parametrize(("wait_s", "status"), [(0.99, Status.PASS), (1.0, Status.PASS), (1.01, Status.FAIL)])
def test_half_of_the_answers(wait_s: float, status: Status) -> None:
    """Half of them must come within the limit, which is inclusive."""
    assert judge(answered_after(*[wait_s] * 12), Rules()).status is status


@pytest.mark.parametrize(("slow", "status"), [(1, Status.PASS), (2, Status.FAIL)])
def test_nearly_all_answers(slow: int, status: Status) -> None:
    """One slow answer of 22 is beyond the 95th percentile, two are not."""
    assert len(GOOD.turns) - len(CROWD) == ALONE
    assert judge(answered_after(*[2.6] * slow), Rules()).status is status


def test_a_turn_without_an_answer_is_an_infinite_wait() -> None:
    """Two of 22 make the 95th percentile infinite."""
    finding = judge(answered_after(None, None), Rules(Limits(response_p95_s=1e9)))
    assert finding.status is Status.FAIL
    assert "∞" in finding.reason
    assert finding.evidence[0] == "call-01 turn 1: no answer"


def test_a_crowd_does_not_count() -> None:
    """How long the last of five waits is a matter of the machine."""
    recording = GOOD
    for name in CROWD:
        recording = change_turn(recording, name, latency_s=30.0)
    finding = judge(recording, Rules())
    assert finding.status is Status.PASS
    assert {one.samples for one in finding.measurements} == {ALONE}


def test_without_a_caller_who_is_alone_it_is_not_run() -> None:
    """A scenario of crowds says nothing about it."""
    crowd = replace(
        GOOD,
        calls=tuple(event for event in GOOD.calls if event.call in CROWD),
        turns=tuple(turn for turn in GOOD.turns if turn.call in CROWD),
    )
    assert judge(crowd, Rules()).status is Status.NOT_RUN


def test_without_any_turn_it_could_not_be_measured() -> None:
    """Nobody spoke: that is no fast answer."""
    assert judge(replace(GOOD, turns=()), Rules()).status is Status.ERROR


def test_few_turns_are_judged_and_said_to_be_few() -> None:
    """The short scenario has two of them."""
    finding = judge(Run(cycles=0).recording(), Rules())
    assert finding.status is Status.PASS
    assert "2 values are few: p95 needs 20" in finding.stability
