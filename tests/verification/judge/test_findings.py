"""Findings looked up by id."""

import pytest
from fakes.recordings import Run
from voicegate.judge.finding import Finding, Status
from voicegate.judge.findings import Findings, UnknownCriterionError
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.judge.unmet import (
    CouldNotMeasureError,
    CriterionFailedError,
    CriterionNotRunError,
)

FINDINGS = Findings(criterion(Run().recording(), Rules()) for criterion in CRITERIA)


def finding(status: Status) -> Finding:
    """Make a finding with this status."""
    return Finding("C5-extra-connection", "each is cheap", status, "because", advice="look")


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: str(criterion.id))
def test_finding_is_found_by_either_id(criterion: Finding) -> None:
    """The whole id and what stands before the hyphen name the same finding."""
    assert FINDINGS[criterion.id] is FINDINGS[criterion.id.split("-")[0]]
    assert FINDINGS[criterion.id].id == criterion.id


def test_iteration_is_over_whole_ids_in_order() -> None:
    """As a mapping it has each criterion once, in the order of the report."""
    assert list(FINDINGS) == [criterion.id for criterion in CRITERIA]
    assert len(FINDINGS) == len(CRITERIA)


def test_unknown_id_names_the_known_ones() -> None:
    """A typing mistake is answered with what could have been meant, and works as a KeyError does."""
    with pytest.raises(UnknownCriterionError) as caught:
        FINDINGS["C55"]
    assert str(caught.value).startswith(
        "unknown criterion 'C55'; known: C1-first-initialises, C2-later-reuse"
    )
    assert "C55" not in FINDINGS
    assert FINDINGS.get("C55") is None


def test_the_whole_is_no_better_than_its_worst_part() -> None:
    """One failure fails the whole, and nothing at all does not pass."""
    assert FINDINGS.overall is Status.PASS
    assert Findings([*FINDINGS.values(), finding(Status.FAIL)]).overall is Status.FAIL
    assert Findings([]).overall is Status.ERROR


def test_pass_meets_the_requirement() -> None:
    """Requiring a criterion that passed raises nothing."""
    finding(Status.PASS).require()


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (Status.FAIL, CriterionFailedError, "C5-extra-connection FAIL: because\n  what to do: look"),
        (Status.ERROR, CouldNotMeasureError, "C5-extra-connection ERROR: because\n  what to do: look"),
        (Status.NOT_RUN, CriterionNotRunError, "because"),
    ],
)
def test_anything_else_raises_its_own_kind(status: Status, error: type[Exception], message: str) -> None:
    """Each status but PASS has an exception of its own, which says all that is known."""
    with pytest.raises(error) as caught:
        finding(status).require()
    assert str(caught.value) == message


def test_only_a_failure_is_a_failed_assertion() -> None:
    """What could not be measured is no failed assertion, so that a test does not report it as one."""
    assert issubclass(CriterionFailedError, AssertionError)
    assert not issubclass(CouldNotMeasureError, AssertionError)
    assert not issubclass(CriterionNotRunError, AssertionError)
