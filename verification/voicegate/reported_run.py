"""A run that leaves a report, whichever command makes it: its folder, what is driven, what broke it off, where it ends."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from rich.console import Console

from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode, MeasuringError, worst
from voicegate.history.past import Past
from voicegate.judge.registry import Rules
from voicegate.progress import ProgressDisplay
from voicegate.report.contents import Report
from voicegate.report.folder import PAGE, RECORDING, new_folder, point_latest, write_report
from voicegate.report.terminal import show
from voicegate.settings import GateSettings

T = TypeVar("T")


class Drive(Protocol):
    """Drives a scenario and records it into a folder, which it makes; returns the recording's path. Raises DriveError."""

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Drive, record, clean up; `progress` is called with each step."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What every run needs: where to write, where to speak, and what to hold recordings against.

    `selection` is an expression for pytest's -k; `now` gives the time in UTC, `monotonic` seconds.
    Runs are held against their `past`, and appended to it; their figures go to the file `prometheus`. `prefix` stands before each step of progress, and `tell` hears each step too.
    """

    out_dir: Path
    console: Console
    rules: Rules
    selection: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    past: Past | None = None
    prometheus: Path | None = None
    prefix: str = ""
    tell: Callable[[str], None] = lambda _: None

    def say(self, text: str, style: str | None = None) -> None:
        """Write a text on the terminal as it is, on as many lines as the terminal needs."""
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


class Interrupted(DriveError):  # noqa: N818 - somebody's wish, not a fault
    """Ctrl-C ended the run."""


@contextmanager
def run_folder(gate: Gate) -> Iterator[Path]:
    """Make a run's folder; when the block has ended well, `latest` points to it. Raises ReportError."""
    folder = new_folder(gate.out_dir, gate.now())
    yield folder
    point_latest(folder)


def attempt(make: Callable[[], T]) -> T | MeasuringError:
    """Return what was made, or what kept it from being made: an error of a run or of its report, or Ctrl-C."""
    try:
        return make()
    except MeasuringError as error:
        return error
    except KeyboardInterrupt:
        return Interrupted("interrupted")


def drive_into(folder: Path, gate: Gate, settings: GateSettings, drive: Drive) -> MeasuringError | None:
    """Drive, with progress on the terminal; returns what kept the run from its end, and raises it if nothing was recorded."""
    with ProgressDisplay(gate.console, gate.monotonic) as progress:

        def say(step: str) -> None:
            progress(gate.prefix + step)
            gate.tell(step)

        ended = attempt(lambda: asyncio.run(drive(settings, folder, say)))
    if not isinstance(ended, MeasuringError):
        return None
    if not (folder / RECORDING).is_file():
        raise ended
    return ended


def publish(folder: Path, gate: Gate, report: Report, broken_off: MeasuringError | None = None) -> ExitCode:
    """Write a report, show it, say where it is, and return the exit code; what failed until a run broke off has failed.

    It is written first, so that the reader's eye ends on how it came out, and shown also when it cannot be written:
    then raises ReportError.
    """
    try:
        write_report(folder, report)
    finally:
        show(gate.console, report)
    if broken_off is not None:
        gate.say(f"The run broke off: {broken_off}", style="bold")
    gate.say(f"Report: {folder / PAGE}")
    outcome = report.outcome or "pass"
    return ExitCode.of(outcome if broken_off is None else worst([outcome, "error"]))
