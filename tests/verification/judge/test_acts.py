"""Whether an act can be measured."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_act
from voicegate.judge.criterion import NotMeasured, NotRun, check_act
from voicegate.record.events import End, Recording

GOOD = Run(cycles=0).recording()


def test_act_that_ran_to_its_end_can_be_measured() -> None:
    """Nothing is said about it."""
    check_act(GOOD, "unshared")


def test_missing_act() -> None:
    """A scenario without it is not run; a cut-off recording may have lost it."""
    with pytest.raises(NotRun, match="no act unshared"):
        check_act(replace(GOOD, acts={}), "unshared")
    with pytest.raises(NotMeasured, match="cut off"):
        check_act(replace(GOOD, acts={}, end=None), "unshared")


@pytest.mark.parametrize("end", [None, End(300, "failed", "the agent died"), End(300, "interrupted")])
def test_act_that_did_not_reach_its_end(end: End | None) -> None:
    """An act that broke off is not measured, and says why."""
    with pytest.raises(NotMeasured, match=r"act unshared: the (recording was cut off|run was)"):
        check_act(change_act(GOOD, "unshared", end=end), "unshared")


def test_skipped_act() -> None:
    """An act that was announced and not played says why."""
    act = GOOD.acts["forced-gc"].act
    assert act is not None
    skipped = Recording(GOOD.header, act=replace(act, skipped="no time"), end=GOOD.end)
    with pytest.raises(NotMeasured, match="act forced-gc was not played: no time"):
        check_act(replace(GOOD, acts={"forced-gc": skipped}), "forced-gc")


def test_unanswered_call_in_an_act() -> None:
    """A call of an act in which no agent came leaves the act unmeasured."""
    calls = tuple(
        event
        for event in GOOD.acts["unshared"].calls
        if event.call != "unshared-call-03" or event.step in ("dialed", "joined", "hung_up")
    )
    with pytest.raises(NotMeasured, match="unshared-call-03 was not answered"):
        check_act(change_act(GOOD, "unshared", calls=calls), "unshared")
