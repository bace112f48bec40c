"""The table of mutants and criteria: one cell for each pair, the same on the terminal, in Markdown and on the page."""

from dataclasses import dataclass
from typing import Literal

from voicegate.report.verdict import StatusName

Expected = Literal["fail", "error"] | None
"""What a mutant must make of a criterion; None where it must do nothing to it."""

MARKS: dict[str, str] = {
    "✗": "failed, as it must",
    "!": "could not be measured, as it must be",
    "·": "passed, as it must",
    "MISSED": "had to be caught and was not",
    "FAILED": "failed without a reason",
    "?": "could not be measured",
    " ": "not run",
}
"""What stands in a cell, and what it means."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a mutant and a criterion have to do with each other, in the color of a status; `meaning` is one of those of MARKS."""

    mark: str
    tone: StatusName

    @property
    def meaning(self) -> str:
        """Say what the mark means."""
        return MARKS[self.mark]


def cell(status: StatusName, *, expected: Expected) -> Cell:
    """Hold what a criterion came out as against whether it had to fail, or to be an error."""
    match status:
        case "error":
            return Cell("!", "pass") if expected == "error" else Cell("?", "error")
        case "fail":
            return Cell("✗", "pass") if expected == "fail" else Cell("FAILED", "fail")
        case "pass" | "not_run" if expected:
            return Cell("MISSED", "fail")
        case "pass":
            return Cell("·", "not_run")
        case "not_run":
            return Cell(" ", "not_run")


AS_EXPECTED: dict[str, Cell] = {
    "expected": Cell("YES", "pass"),
    "unexpected": Cell("NO", "fail"),
    "not_measured": Cell("UNKNOWN", "error"),
}
"""How the outcome of a trial is shown."""
