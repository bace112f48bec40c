"""How a trial comes out."""

import pytest
from voicegate.prove.proof import MutantResult, TrialOutcome, result_of
from voicegate.report.verdict import StatusName

A, B = "C1-first-initialises", "C2-later-reuse"


def trial(
    statuses: dict[str, StatusName], *expected: str, problem: str | None = None, errors: tuple[str, ...] = ()
) -> MutantResult:
    """Make a trial of two criteria."""
    return result_of("name", "wrong", expected, errors, statuses, problem=problem)


@pytest.mark.parametrize(
    ("made", "outcome", "sentence"),
    [
        (trial({A: "fail", B: "pass"}, A), "expected", "failed C1, as it must"),
        (trial({A: "pass", B: "not_run"}), "expected", "failed nothing"),
        (trial({A: "pass", B: "pass"}, A), "unexpected", "not caught by C1"),
        (trial({A: "not_run"}, A), "unexpected", "not caught by C1"),
        (trial({B: "pass"}, A), "unexpected", "not caught by C1"),
        (trial({A: "fail", B: "fail"}, A), "unexpected", "C2 failed without a reason"),
        (trial({A: "pass", B: "fail"}, A), "unexpected", "not caught by C1; C2 failed without a reason"),
        (trial({A: "fail", B: "error"}, A), "not_measured", "C2 could not be measured"),
        (trial({A: "error", B: "pass"}, A), "not_measured", "C1 could not be measured"),
        (trial({A: "error", B: "fail"}, A), "unexpected", "C2 failed without a reason; C1 could not be measured"),
        (trial({A: "fail", B: "error"}, A, errors=(B,)), "expected", "failed C1, as it must; C2 could not be measured, as it must be"),
        (trial({A: "pass", B: "error"}, errors=(B,)), "expected", "failed nothing; C2 could not be measured, as it must be"),
        (trial({A: "pass", B: "pass"}, errors=(B,)), "unexpected", "not caught by C2"),
        (trial({A: "pass", B: "fail"}, errors=(B,)), "unexpected", "C2 failed without a reason"),
        (trial({}, A, problem="no server"), "not_measured", "no server"),
        (trial({A: "fail"}, A, problem="interrupted"), "not_measured", "interrupted"),
        (trial({A: "not_run"}, A, problem="interrupted"), "not_measured", "interrupted"),
        (trial({A: "fail"}, problem="interrupted"), "not_measured", "interrupted"),
    ],
)  # fmt: skip
def test_outcome_and_its_sentence(made: MutantResult, outcome: TrialOutcome, sentence: str) -> None:
    """Wrong comes before unknown, and only what is exactly as expected is good."""
    assert (made.outcome, made.sentence) == (outcome, sentence)
