"""The table of mutants and criteria: one cell for each pair, the same on the terminal, in Markdown and on the page."""

from dataclasses import dataclass
from typing import Literal

from voicegate.report.verdict import StatusName

Tone = Literal["good", "bad", "unsure", "idle"]
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
    """What a mutant and a criterion have to do with each other; `meaning` is one of those of MARKS."""

    mark: str
    tone: Tone

    @property
    def meaning(self) -> str:
        """Say what the mark means."""
        return MARKS[self.mark]


def cell(status: StatusName, *, expected: Expected) -> Cell:
    """Hold what a criterion came out as against whether it had to fail, or to be an error."""
    match status:
        case "error":
            return Cell("!", "good") if expected == "error" else Cell("?", "unsure")
        case "fail":
            return Cell("✗", "good") if expected == "fail" else Cell("FAILED", "bad")
        case "pass" | "not_run" if expected:
            return Cell("MISSED", "bad")
        case "pass":
            return Cell("·", "idle")
        case "not_run":
            return Cell(" ", "idle")
