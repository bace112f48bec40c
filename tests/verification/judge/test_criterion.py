"""How measurements, caveats and warnings make a finding."""

from dataclasses import replace

import pytest
from fakes.recordings import Run
from voicegate.judge.criterion import (
    Caveat,
    Conclusion,
    Criterion,
    CriterionLimits,
    Measure,
    NotMeasured,
    NotRun,
    RulesFor,
)
from voicegate.judge.finding import Bound, Finding, Measurement, Side, Status
from voicegate.judge.registry import Rules
from voicegate.record.events import End, Recording

GOOD = Run(cycles=0, variants=()).recording()
WARNING = Caveat("nearly full", "free some space")
CAVEAT = Caveat("cut off", "run again")


def concluded(conclusion: Conclusion) -> Finding:
    """Make the finding of a conclusion."""

    def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
        return conclusion

    return criterion_of(measure)(GOOD, Rules())


def criterion_of(
    measure: Measure[CriterionLimits], owes: tuple[str, ...] = (), *, whole_run: bool = True
) -> Criterion[CriterionLimits]:
    """Make a criterion that measures so, and needs nothing."""
    return Criterion(
        id="X-something",
        title="title",
        question="Is it?",
        passes="it is",
        how="It is looked at.",
        when_it_fails="look again",
        limits=CriterionLimits,
        measure=measure,
        owes=owes,
        whole_run=whole_run,
    )


def size(value: float) -> Measurement:
    """Make a measurement that must be at most 100."""
    return Measurement("size", value, "count", "things", Bound(Side.AT_MOST, 100), samples=1)


def test_warning_passes_and_is_told() -> None:
    """A warning leaves a PASS, with its reason and what to do."""
    finding = concluded(Conclusion((size(1),), met="fine", warnings=(WARNING,), advice="mend it"))
    assert (finding.status, finding.reason) == (Status.PASS, "fine; warning: nearly full")
    assert finding.advice == "free some space"


@pytest.mark.parametrize(
    ("value", "caveats", "status"),
    [(101, (), Status.FAIL), (1, (CAVEAT,), Status.ERROR), (1, (), Status.PASS)],
)
def test_warning_never_decides(value: int, caveats: tuple[Caveat, ...], status: Status) -> None:
    """What failed, or has a caveat, stays so beside a warning."""
    assert concluded(Conclusion((size(value),), caveats=caveats, warnings=(WARNING,))).status is status


def test_pass_without_warning_has_no_advice() -> None:
    """Advice about a failure does not show where nothing failed."""
    assert concluded(Conclusion((size(1),), met="fine", advice="mend it")).advice == ""


def test_what_is_owed_and_missing_is_an_error() -> None:
    """A measuring function that forgets one of its measurements does not pass."""

    def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
        return Conclusion((size(1),))

    assert criterion_of(measure, ("size",))(GOOD, Rules()).status is Status.PASS
    finding = criterion_of(measure, ("size", "weight"))(GOOD, Rules())
    assert (finding.status, finding.reason) == (Status.ERROR, "not measured: weight")


@pytest.mark.parametrize(("whole_run", "status"), [(True, Status.ERROR), (False, Status.PASS)])
def test_a_run_that_broke_off_has_one_caveat(whole_run: bool, status: Status) -> None:
    """Unless the criterion says that a part of the run is enough."""

    def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
        return Conclusion((size(1),))

    broken_off = replace(GOOD, end=End(9, "failed", "the agent died"))
    assert criterion_of(measure, whole_run=whole_run)(broken_off, Rules()).status is status


@pytest.mark.parametrize(
    ("answer", "status"),
    [(NotRun("no variant"), Status.NOT_RUN), (NotMeasured("no log", "look"), Status.ERROR)],
)
def test_an_answer_without_a_conclusion_is_a_finding(answer: Exception, status: Status) -> None:
    """What a measuring function raises says how the criterion came out."""

    def measure(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
        raise answer

    finding = criterion_of(measure)(GOOD, Rules())
    assert (finding.status, finding.reason) == (status, str(answer))
