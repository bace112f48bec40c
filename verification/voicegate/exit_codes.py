"""How a command ends: its outcome, its exit code, and the two kinds of error that end one early."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Literal

Outcome = Literal["pass", "fail", "error"]
"""How the whole of a run came out: an error could not be measured."""


class ExitCode(IntEnum):
    """What the gate's process returns."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    NOT_MEASURED = 3

    @classmethod
    def of(cls, outcome: Outcome) -> "ExitCode":
        """Give the exit code of an outcome."""
        return {"pass": cls.PASS, "fail": cls.FAIL, "error": cls.NOT_MEASURED}[outcome]


class UsageError(Exception):
    """What was asked for cannot be done: the options, the gate file or an expression must be corrected."""


class MeasuringError(Exception):
    """Something could not be measured, read or written, although it was asked for correctly."""


def worst(outcomes: Iterable[str]) -> Outcome:
    """Decide the whole: fail before error before pass; nothing that passed at all is an error."""
    seen = set(outcomes)
    if "fail" in seen:
        return "fail"
    return "pass" if "pass" in seen and "error" not in seen else "error"
