"""How the whole of a run comes out."""

import pytest
from voicegate.exit_codes import ExitCode, worst


@pytest.mark.parametrize(
    ("outcomes", "whole", "code"),
    [
        (["pass", "pass"], "pass", 0),
        (["pass", "not_run"], "pass", 0),
        (["pass", "error", "fail"], "fail", 1),
        (["pass", "error"], "error", 3),
        (["not_run"], "error", 3),
        ([], "error", 3),
    ],
)
def test_the_worst_decides(outcomes: list[str], whole: str, code: int) -> None:
    """FAIL before ERROR before PASS; nothing that passed at all was not measured."""
    assert worst(outcomes) == whole
    assert ExitCode.of(worst(outcomes)) == code
