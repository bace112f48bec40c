"""Whether a variant can be measured."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_variant
from voicegate.judge.criterion import NotMeasured, NotRun, check_variant
from voicegate.record.events import End, Recording

GOOD = Run(cycles=0).recording()


def test_act_that_ran_to_its_end_can_be_measured() -> None:
    """Nothing is said about it."""
    check_variant(GOOD, "unshared")


def test_missing_variant() -> None:
    """A scenario without it is not run; a cut-off recording may have lost it."""
    with pytest.raises(NotRun, match="no variant unshared"):
        check_variant(replace(GOOD, variants={}), "unshared")
    with pytest.raises(NotMeasured, match="cut off"):
        check_variant(replace(GOOD, variants={}, end=None), "unshared")


@pytest.mark.parametrize("end", [None, End(300, "failed", "the agent died"), End(300, "interrupted")])
def test_act_that_did_not_reach_its_end(end: End | None) -> None:
    """A variant that broke off is not measured, and says why."""
    with pytest.raises(NotMeasured, match=r"variant unshared: the (recording was cut off|run was)"):
        check_variant(change_variant(GOOD, "unshared", end=end), "unshared")


def test_skipped_variant() -> None:
    """A variant that was announced and not played says why."""
    variant = GOOD.variants["forced-gc"].variant
    assert variant is not None
    skipped = Recording(GOOD.header, variant=replace(variant, skipped="no time"), end=GOOD.end)
    with pytest.raises(NotMeasured, match="variant forced-gc was not played: no time"):
        check_variant(replace(GOOD, variants={"forced-gc": skipped}), "forced-gc")


def test_unanswered_call_in_a_variant() -> None:
    """A call of a variant in which no agent came leaves the variant unmeasured."""
    calls = tuple(
        event
        for event in GOOD.variants["unshared"].calls
        if event.call != "unshared-call-03" or event.step in ("dialed", "joined", "hung_up")
    )
    with pytest.raises(NotMeasured, match="unshared-call-03 was not answered"):
        check_variant(change_variant(GOOD, "unshared", calls=calls), "unshared")
