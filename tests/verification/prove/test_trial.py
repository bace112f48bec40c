"""How a trial comes out."""

import pytest
from voicegate.prove.trial import Outcome, Trial
from voicegate.report.verdict import StatusName


def trial(
    statuses: dict[str, StatusName], *expected: str, problem: str | None = None, errors: tuple[str, ...] = ()
) -> Trial:
    """Make a trial of criteria that are called A-a and B-b."""
    return Trial(
        "name", "wrong", frozenset(expected), statuses, 1.0, problem=problem, errors=frozenset(errors)
    )


@pytest.mark.parametrize(
    ("made", "outcome", "sentence"),
    [
        (trial({"A-a": "fail", "B-b": "pass"}, "A-a"), Outcome.EXPECTED, "failed A, as it must"),
        (trial({"A-a": "pass", "B-b": "not_run"}), Outcome.EXPECTED, "failed nothing"),
        (trial({"A-a": "pass", "B-b": "pass"}, "A-a"), Outcome.UNEXPECTED, "not caught by A"),
        (trial({"A-a": "not_run"}, "A-a"), Outcome.UNEXPECTED, "not caught by A"),
        (trial({"B-b": "pass"}, "A-a"), Outcome.UNEXPECTED, "not caught by A"),
        (trial({"A-a": "fail", "B-b": "fail"}, "A-a"), Outcome.UNEXPECTED, "B failed without a reason"),
        (trial({"A-a": "pass", "B-b": "fail"}, "A-a"), Outcome.UNEXPECTED, "not caught by A; B failed without a reason"),
        (trial({"A-a": "fail", "B-b": "error"}, "A-a"), Outcome.NOT_MEASURED, "B could not be measured"),
        (trial({"A-a": "error", "B-b": "pass"}, "A-a"), Outcome.NOT_MEASURED, "A could not be measured"),
        (trial({"A-a": "error", "B-b": "fail"}, "A-a"), Outcome.UNEXPECTED, "B failed without a reason; A could not be measured"),
        (trial({"A-a": "fail", "B-b": "error"}, "A-a", errors=("B-b",)), Outcome.EXPECTED, "failed A, as it must; B could not be measured, as it must be"),
        (trial({"A-a": "pass", "B-b": "error"}, errors=("B-b",)), Outcome.EXPECTED, "failed nothing; B could not be measured, as it must be"),
        (trial({"A-a": "pass", "B-b": "pass"}, errors=("B-b",)), Outcome.UNEXPECTED, "not caught by B"),
        (trial({"A-a": "pass", "B-b": "fail"}, errors=("B-b",)), Outcome.UNEXPECTED, "B failed without a reason"),
        (trial({}, "A-a", problem="no server"), Outcome.NOT_MEASURED, "no server"),
        (trial({"A-a": "fail"}, "A-a", problem="interrupted"), Outcome.NOT_MEASURED, "interrupted"),
        (trial({"A-a": "not_run"}, "A-a", problem="interrupted"), Outcome.NOT_MEASURED, "interrupted"),
        (trial({"A-a": "fail"}, problem="interrupted"), Outcome.NOT_MEASURED, "interrupted"),
    ],
)  # fmt: skip
def test_outcome_and_its_sentence(made: Trial, outcome: Outcome, sentence: str) -> None:
    """Wrong comes before unknown, and only what is exactly as expected is good."""
    assert (made.outcome, made.sentence()) == (outcome, sentence)
