"""How a command ends: its exit code, and the two kinds of error that end one early."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the gate's process returns."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    NOT_MEASURED = 3


class UsageError(Exception):
    """What was asked for cannot be done: the options, the gate file or an expression must be corrected."""


class MeasuringError(Exception):
    """Something could not be measured, read or written, although it was asked for correctly."""
