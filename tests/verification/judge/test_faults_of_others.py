"""Criteria on turns, where the server or the gate's own caller failed a call."""

import pytest
from fakes.recordings import Run, with_failed_call
from voicegate.judge import cycles, playback, replies, response, transcripts
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import Fault

GOOD = Run().recording()


@pytest.mark.parametrize(
    "criterion",
    [transcripts.judge, replies.judge, playback.judge, cycles.judge],
    ids=lambda one: one.id,
)
@pytest.mark.parametrize(("fault", "owner"), [("server", "LiveKit server"), ("caller", "gate's own caller")])
def test_a_turn_that_others_cut_off_is_never_the_agents_failure(
    criterion: Criterion[Limits], fault: Fault, owner: str
) -> None:
    """Every criterion on turns is an error that names who it was, and a failure where the agent broke off the call."""
    finding = criterion(with_failed_call(GOOD, fault), Rules())
    assert finding.status is Status.ERROR
    assert owner in finding.reason
    assert criterion(with_failed_call(GOOD, "agent"), Rules()).status is Status.FAIL


@pytest.mark.parametrize(("fault", "owner"), [("server", "LiveKit server"), ("caller", "gate's own caller")])
def test_calls_that_others_failed_leave_the_wait_unknown(fault: Fault, owner: str) -> None:
    """Who was cut off might have waited longest."""
    finding = response.judge(with_failed_call(GOOD, fault), Rules())
    assert finding.status is Status.ERROR
    assert owner in finding.reason
