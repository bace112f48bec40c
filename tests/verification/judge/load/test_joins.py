"""L3."""

from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from voicegate.judge.finding import Status
from voicegate.judge.load.joins import judge
from voicegate.judge.registry import Limits, Rules

RULES = Rules(Limits(load_join_s=2.0))


@pytest.mark.parametrize(("join_s", "status"), [(1.9, Status.PASS), (2.1, Status.FAIL)])
def test_limit(join_s: float, status: Status) -> None:
    """From dialing to the agent's track."""
    assert judge(LoadRun(join_s=lambda _: join_s).recording(), RULES).status is status


def test_one_slow_caller_in_many_does_not_fail() -> None:
    """95 % of them count."""
    run = LoadRun(users=30, stagger_s=1.0, join_s=lambda user: 9.0 if user == 7 else 1.0)
    assert judge(run.recording(), RULES).status is Status.PASS


def test_callers_who_never_heard_the_agent_waited_for_ever() -> None:
    """One in ten is more than the twentieth that may wait long."""
    recording = LoadRun(users=30, stagger_s=1.0).recording()
    calls = sorted({event.call for event in recording.calls})
    deaf = set(calls[::10])
    steps = tuple(
        replace(event, step="failed", fault="agent")
        if event.step == "hung_up" and event.call in deaf
        else event
        for event in recording.calls
        if event.call not in deaf or event.step in ("dialed", "joined", "hung_up")
    )
    finding = judge(replace(recording, calls=steps), RULES)
    assert finding.status is Status.FAIL
    assert "∞ s" in finding.reason


def test_callers_who_heard_the_agent_before_it_failed_them_waited_no_longer() -> None:
    """That calls stay up is another criterion."""
    recording = LoadRun(users=30, stagger_s=1.0).recording()
    steps = tuple(
        replace(event, step="failed", fault="agent") if event.step == "hung_up" else event
        for event in recording.calls
    )
    assert judge(replace(recording, calls=steps), RULES).status is Status.PASS


def test_callers_whom_others_failed_waited_for_nobody() -> None:
    """The server's fault is not the agent's delay."""
    recording = LoadRun(users=30, stagger_s=1.0).recording()
    calls = sorted({event.call for event in recording.calls})[::5]
    steps = tuple(
        replace(event, step="failed", fault="server")
        if event.step == "hung_up" and event.call in calls
        else event
        for event in recording.calls
        if event.call not in calls or event.step in ("dialed", "hung_up")
    )
    finding = judge(replace(recording, calls=steps), RULES)
    assert finding.status is not Status.FAIL, finding.long()


def test_no_agent_at_all_is_an_error() -> None:
    """The reason is that of the first call."""
    recording = LoadRun().recording()
    calls = tuple(event for event in recording.calls if event.step in ("dialed", "joined", "hung_up"))
    finding = judge(replace(recording, calls=calls, turns=()), RULES)
    assert finding.status is Status.ERROR
    assert "was not answered by an agent" in finding.reason
