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
    Need,
    NotMeasured,
    NotRun,
    RulesFor,
)
from voicegate.judge.finding import Bound, Finding, Measurement, Side, Status
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.measure.phases import phase
from voicegate.record.events import End, PlannedPhase, Recording, VariantName

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


def fine(recording: Recording, rules: RulesFor[CriterionLimits]) -> Conclusion:
    """Measure what is as it should be."""
    return Conclusion((size(1),))


NO_MODELS = LogContract(asr_initializing="", asr_initialized="", asr_reusing="")
LACKS = {
    Need.MODEL_LINES: (NO_MODELS, "the agent's log does not name its models"),
    Need.MODEL_IDS: (LogContract(tts_initialized="loaded"), "do not both capture (?P<id>…), the instance"),
    Need.MEMORY_REPORTS: (LogContract(memory_healthy=""), "the agent's log does not report memory"),
    Need.TROUBLE_LINES: (
        LogContract(trouble=(), trouble_levels=(), trouble_words=""),
        "no line of the agent's log is trouble",
    ),
}


@pytest.mark.parametrize("need", [need for need in Need if need.is_in_log])
def test_what_the_log_is_not_said_to_have_is_not_run(need: Need) -> None:
    """The reason names it; a log that has it, or lacks something else, is judged."""
    criterion = replace(criterion_of(fine), needs=(need,))
    for lacking, (contract, reason) in LACKS.items():
        finding = criterion(GOOD, Rules(log=contract))
        if lacking is need:
            assert (finding.status, reason in finding.reason) == (Status.NOT_RUN, True)
        elif lacking is not Need.MODEL_LINES:  # without them there are no ids
            assert finding.status is Status.PASS


@pytest.mark.parametrize(("name", "status"), [("first-call", Status.PASS), ("tenth-call", Status.NOT_RUN)])
def test_a_part_of_the_scenario_must_be_there(name: str, status: Status) -> None:
    """A criterion that needs a phase is not run without it."""
    finding = replace(criterion_of(fine), parts=(phase(name),))(GOOD, Rules())
    assert finding.status is status


@pytest.mark.parametrize(("variant", "status"), [("unshared", Status.ERROR), (None, Status.NOT_RUN)])
def test_a_variant_that_was_planned_and_is_missing_is_an_error(
    variant: VariantName | None, status: Status
) -> None:
    """If the run broke off before it; one that was not planned is not run."""
    header = replace(GOOD.header, planned=(PlannedPhase("benefit", 1, variant=variant),))
    broken_off = replace(GOOD, header=header, end=End(9, "failed", "the agent died"))
    finding = replace(criterion_of(fine), variant="unshared")(broken_off, Rules())
    assert finding.status is status


def test_what_the_logs_say_of_failed_calls_goes_before_other_advice() -> None:
    """It is told with the failure; without advice of its own, that of the failure stays."""
    failed = Conclusion((size(101),), advice="mend it")
    told = concluded(replace(failed, because=Caveat("no agent came", "start one")))
    assert "no agent came" in told.reason
    assert told.advice == "start one"
    assert concluded(replace(failed, because=Caveat("no agent came", ""))).advice == "mend it"
    assert concluded(Conclusion((size(101),))).advice == "look again"
