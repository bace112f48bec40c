"""L2."""

from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from voicegate.judge.finding import Status
from voicegate.judge.load.turns import judge
from voicegate.judge.registry import Limits, Rules

LIMITS = Limits(load_turn_p50_s=1.0, load_turn_p95_s=2.0, load_turn_p99_s=3.0, load_failed_calls=0.05)
RULES = Rules(LIMITS)
TURNS = len(LoadRun().recording().turns)


@pytest.mark.parametrize(
    ("wait_s", "status"), [(0.999, Status.PASS), (1.0, Status.PASS), (1.001, Status.FAIL)]
)
def test_median(wait_s: float, status: Status) -> None:
    """Half of the replies."""
    assert judge(LoadRun(wait_s=lambda _: wait_s).recording(), RULES).status is status


@pytest.mark.parametrize(("wait_s", "status"), [(2.0, Status.PASS), (2.01, Status.FAIL)])
def test_one_in_ten_counts(wait_s: float, status: Status) -> None:
    """The median does not show it, p95 does."""
    run = LoadRun(wait_s=lambda number: wait_s if number % 10 == 0 else 0.5)
    assert judge(run.recording(), RULES).status is status


def test_one_in_forty_fails_only_the_last_percentile() -> None:
    """p99 is for the few who wait very long."""
    run = LoadRun(users=9, run_s=300, wait_s=lambda number: 3.5 if number % 40 == 0 else 0.5)
    finding = judge(run.recording(), RULES)
    assert [one.what for one in finding.measurements if one.status is Status.FAIL] == [
        "wait for a reply, p99"
    ]


def test_turns_without_a_reply_fail() -> None:
    """Their callers waited for ever, so that the percentiles they fall into do not hold either."""
    run = LoadRun(wait_s=lambda number: None if number < TURNS * 0.06 + 1 else 0.5)
    finding = judge(run.recording(), RULES)
    assert finding.status is Status.FAIL
    assert "wait for a reply, p95: ∞ s, must be ≤ 2.00 s" in finding.reason
    assert "turns without a reply" in finding.reason


def test_a_reply_that_came_too_early_is_no_wait() -> None:
    """A negative one would draw the median down."""
    finding = judge(LoadRun(wait_s=lambda _: -0.5).recording(), RULES)
    assert finding.measurements[0].value == 0.0


def test_no_reply_at_all_fails() -> None:
    """An agent that is silent to everybody is no better than one that is to some."""
    finding = judge(LoadRun(wait_s=lambda _: None).recording(), RULES)
    assert finding.status is Status.FAIL
    assert "turns without a reply: 100.0 %" in finding.reason


def test_without_turns_nothing_was_measured() -> None:
    """Nobody said anything."""
    recording = replace(LoadRun().recording(), turns=())
    assert judge(recording, RULES).status is Status.ERROR


@pytest.mark.parametrize(("lag_s", "cores"), [(0.5, 0.1), (0.01, 0.95)])
def test_callers_who_were_late_themselves_excuse_the_agent(lag_s: float, cores: float) -> None:
    """A pass stays one, as their lateness only makes waits longer; a failure shows nothing about the agent."""
    passed = judge(LoadRun(lag_s=lag_s, cores=cores).recording(), RULES)
    failed = judge(LoadRun(lag_s=lag_s, cores=cores, wait_s=lambda _: 9.0).recording(), RULES)
    assert passed.status is Status.PASS
    assert "the callers' own process was late" in passed.reason
    assert failed.status is Status.ERROR
    assert "failed only by what stalls explain: " in failed.reason
    assert "fewer callers in each process" in failed.advice


def test_callers_who_kept_up_are_not_told_of() -> None:
    """Nor is anybody told to look at them."""
    finding = judge(LoadRun(wait_s=lambda _: 9.0).recording(), RULES)
    assert "the callers were late" not in finding.advice
    assert "used 0.10 cores" in finding.stability
