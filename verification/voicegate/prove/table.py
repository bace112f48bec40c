"""The table of mutants and criteria: one cell for each pair, the same on the terminal, in Markdown and on the page."""

from typing import Literal

from voicegate.report.contents import Cell
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
