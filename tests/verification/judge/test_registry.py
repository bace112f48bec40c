"""What holds for every criterion."""

import re
from dataclasses import replace

import pytest
from fakes.recordings import MB, Run, cut_at
from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Limits, Rules, all_criteria
from voicegate.record.events import CallEvent, End, Fault, Recording

RELEASED = [
    "C1-first-initialises",
    "C2-later-reuse",
    "C3-same-ids",
    "C4-first-growth",
    "C5-extra-connection",
    "C6-stabilises",
    "C7-total",
    "C8-monitor",
    "G1-no-reset",
    "G2-transcripts",
    "G3-replies",
    "G4-playback",
    "G6-forced-gc",
    "G7-cleanup",
    "G8-disk",
    "G9-cycles",
    "G10-benefit",
    "G11-logs-clean",
]
MEMORY = ("C4-first-growth", "C5-extra-connection", "C6-stabilises", "C7-total", "G7-cleanup", "G10-benefit")
LOG = ("C1-first-initialises", "C2-later-reuse", "C3-same-ids", "C8-monitor", "G11-logs-clean")
HEALTHY = Run(conversation=True).recording()
every_criterion = pytest.mark.parametrize("criterion", CRITERIA, ids=lambda one: str(one.id))


def test_ids_are_the_contract() -> None:
    """Every id is its own, and those of earlier releases stay, in their order: they are part of the report's contract."""
    ids = [criterion.id for criterion in all_criteria()]
    assert len({criterion.short_id for criterion in all_criteria()}) == len(ids)
    assert all(re.fullmatch(r"[CGLT]\d+(-[a-z]+)+", one) for one in ids)
    assert [one for one in ids if one in RELEASED] == RELEASED


@every_criterion
def test_healthy_agent_passes(criterion: Criterion[Limits]) -> None:
    """A healthy agent passes, with measurements that say how many samples they rest on."""
    finding = criterion(HEALTHY, Rules())
    assert finding.status is Status.PASS, finding.long()
    assert finding.headline is not None
    assert finding.stability


@every_criterion
def test_what_is_owed_makes_an_error_where_it_is_missing(criterion: Criterion[Limits]) -> None:
    """No measurement that a criterion owes can be left out without a word."""
    assert criterion.owes
    for owed in criterion.owes:

        def forgetful(recording: Recording, rules: RulesFor[Limits], owed: str = owed) -> Conclusion:
            conclusion = criterion.measure(recording, rules)
            kept = tuple(one for one in conclusion.measurements if not one.what.startswith(owed))
            assert len(kept) < len(conclusion.measurements)
            return replace(conclusion, measurements=kept)

        finding = replace(criterion, measure=forgetful)(HEALTHY, Rules())
        assert (finding.status, finding.reason) == (Status.ERROR, f"not measured: {owed}")


@pytest.mark.parametrize("criterion", all_criteria(), ids=lambda one: str(one.id))
def test_every_criterion_explains_itself(criterion: Criterion[Limits]) -> None:
    """Its question is one, its texts are sentences, and its limits are those of the registry."""
    assert criterion.question.endswith("?")
    assert criterion.passes
    assert criterion.how.endswith(".")
    assert issubclass(Limits, criterion.limits)


@every_criterion
def test_turned_off_criterion_is_not_run(criterion: Criterion[Limits]) -> None:
    """A criterion turned off in the configuration is not run, whatever the recording holds."""
    finding = criterion(HEALTHY, Rules(disabled={criterion.id: "turned off"}))
    assert finding.status is Status.NOT_RUN


@every_criterion
def test_header_alone_is_an_error(criterion: Criterion[Limits]) -> None:
    """A recording that was cut off at once shows nothing."""
    finding = criterion(cut_at(HEALTHY, 0), Rules())
    assert finding.status is Status.ERROR
    assert finding.advice


@every_criterion
def test_cut_recording_accuses_nobody(criterion: Criterion[Limits]) -> None:
    """However early the recording of a healthy agent stops, no criterion fails."""
    assert HEALTHY.end is not None
    for t in range(0, int(HEALTHY.end.t), 7):
        finding = criterion(cut_at(HEALTHY, t + 0.01), Rules())
        assert finding.status is not Status.FAIL, finding.long()


@every_criterion
def test_every_outcome_reads_as_text(criterion: Criterion[Limits]) -> None:
    """A finding of any kind has a short and a long form."""
    for recording in (HEALTHY, cut_at(HEALTHY, 60), cut_at(HEALTHY, 0)):
        finding = criterion(recording, Rules())
        assert finding.short()
        assert finding.long().startswith(f"{finding.id} {finding.status.name}: ")


@pytest.mark.parametrize(
    "criterion", [one for one in CRITERIA if one.id in MEMORY], ids=lambda one: str(one.id)
)
def test_no_memory_samples_is_an_error(criterion: Criterion[Limits]) -> None:
    """Without memory samples the memory criteria cannot be measured."""
    assert criterion(replace(HEALTHY, memory=()), Rules()).status is Status.ERROR


@pytest.mark.parametrize(
    "criterion", [one for one in CRITERIA if one.id in MEMORY], ids=lambda one: str(one.id)
)
def test_samples_in_which_a_process_could_not_be_read_do_not_count(criterion: Criterion[Limits]) -> None:
    """They are left out, so that nothing is left to measure. One that ended is no such process."""
    torn = tuple(replace(sample, complete=False) for sample in HEALTHY.memory)
    assert criterion(replace(HEALTHY, memory=torn), Rules()).status is Status.ERROR


@pytest.mark.parametrize("name", ["C5-extra-connection", "C6-stabilises", "C7-total", "G7-cleanup"])
def test_calls_that_nobody_answered_cost_nothing_and_show_nothing(name: str) -> None:
    """Small figures of an agent that takes no calls are not a pass."""
    lonely = tuple(event for event in HEALTHY.calls if not event.step.startswith("agent"))
    (criterion,) = (one for one in CRITERIA if one.id == name)
    assert criterion(replace(HEALTHY, calls=lonely, turns=()), Rules()).status is Status.ERROR


@every_criterion
@pytest.mark.parametrize("fault", ["server", "caller"])
def test_a_first_call_that_never_reached_the_agent_fails_nothing(
    criterion: Criterion[Limits], fault: Fault
) -> None:
    """Models are loaded by the second call then, and every level after the first one is without them."""
    bare = dict.fromkeys(("first-call", "after-first"), 500 * MB)
    second = Run(levels=bare, conversation=True).recording()
    loaded = [line for line in second.log if "Initializ" in line.message or "initialized" in line.message]
    dialed_t = next(event.t for event in second.calls if event.call == "call-02")
    log = (
        *(line for line in second.log if line not in loaded and line.room not in ("room-01", "room-02")),
        *(replace(line, t=dialed_t + 0.6 + number / 1000) for number, line in enumerate(loaded)),
    )
    failed = CallEvent(9.0, "call-01", "failed", "room-01", "first-call", "it stopped", fault)
    calls = tuple(event for event in second.calls if event.call != "call-01" or event.step == "dialed")
    recording = replace(
        second,
        calls=tuple(sorted((*calls, failed), key=lambda event: event.t)),
        turns=second.turns[1:],
        log=tuple(sorted(log, key=lambda line: line.t)),
    )
    finding = criterion(recording, Rules())
    assert finding.status is not Status.FAIL, finding.long()
    if criterion.id.startswith(("C1-", "C2-", "C4-", "C5-", "C6-", "G3-", "G7-", "G10-")):
        assert finding.status is Status.ERROR


@pytest.mark.parametrize("criterion", [one for one in CRITERIA if one.id in LOG], ids=lambda one: str(one.id))
def test_no_log_is_an_error(criterion: Criterion[Limits]) -> None:
    """Without a line of the agent's log its log criteria cannot be measured."""
    assert criterion(replace(HEALTHY, log=()), Rules()).status is Status.ERROR


@every_criterion
def test_failed_run_does_not_pass_as_a_whole(criterion: Criterion[Limits]) -> None:
    """A run that ended early is an error for what is claimed of all calls, never a failure."""
    failed = replace(HEALTHY, end=End(237.0, "failed", "the agent died"))
    finding = criterion(failed, Rules())
    assert finding.status in (Status.PASS, Status.ERROR)
    if criterion.id not in (
        "C1-first-initialises",  # all there is to see of it came before the second call
        "G6-forced-gc",  # is shown by a variant of its own
    ):
        assert finding.status is Status.ERROR
        assert "the agent died" in finding.reason


def test_judge_that_breaks_is_an_error() -> None:
    """A fault in a judge does not take its criterion out of the verdict."""

    def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
        raise ZeroDivisionError("division by zero")

    finding = replace(CRITERIA[0], measure=measure)(HEALTHY, Rules())
    assert finding.status is Status.ERROR
    assert "division by zero" in finding.reason
