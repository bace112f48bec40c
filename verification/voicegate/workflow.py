"""The gate's steps, in order: drive and record, judge, report. Everything a run leaves is in one folder."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from rich.console import Console

from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.judge.finding import Finding, Status, overall
from voicegate.judge.registry import Rules
from voicegate.judging import Judgment, judge
from voicegate.measure.turns import measured
from voicegate.progress import ProgressDisplay
from voicegate.record.events import Recording
from voicegate.record.recording import RecordingError, read_recording
from voicegate.report.folder import (
    JUNIT,
    PAGE,
    RECORDING,
    ReportError,
    new_folder,
    point_latest,
    write_report,
)
from voicegate.report.terminal import show
from voicegate.report.verdict import make_verdict
from voicegate.settings import GateSettings

PROFILED = "profiled"
"""What the environment of a recording notes that was made under a memory profiler."""
PROFILED_NOTE = {PROFILED: "by memray"}

_EXIT_CODES = {Status.PASS: ExitCode.PASS, Status.FAIL: ExitCode.FAIL}


class Drive(Protocol):
    """Drives a scenario and records it into a folder; returns the recording's path. Raises DriveError."""

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Drive, record, clean up; `progress` is called with each step."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What every run needs: where to write, where to speak, and what to hold recordings against.

    `selection` is an expression for pytest's -k; `now` gives the time in UTC.
    """

    out_dir: Path
    console: Console
    rules: Rules
    selection: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Interrupted(DriveError):  # noqa: N818 - somebody's wish, not a fault
    """Ctrl-C ended the run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run came out, what was found, and what kept the run from its end, if anything did."""

    code: ExitCode
    findings: tuple[Finding, ...]
    broken_off: Exception | None = None


def verify(gate: Gate, settings: GateSettings, drive: Drive) -> ExitCode:
    """Drive the scenario, judge and report, in a new folder that `latest` then points to.

    Raises DriveError or RecordingError when nothing was recorded, ReportError when the report cannot be written.
    """
    folder = new_folder(gate.out_dir, gate.now())
    outcome = verify_into(folder, gate, settings, drive)
    point_latest(folder)
    return outcome.code


def verify_into(folder: Path, gate: Gate, settings: GateSettings, drive: Drive) -> Outcome:
    """Drive, judge and report in this folder; a run that broke off is judged as far as it was recorded.

    Raises as `verify` does.
    """
    broken_off = drive_into(folder, gate, settings, drive)
    path = folder / RECORDING
    if broken_off is not None and not path.is_file():
        raise broken_off
    outcome = judge_into(folder, gate, path, measured(read_recording(path), gate.rules.limits))
    if broken_off is None:
        return outcome
    gate.console.print(f"The run broke off: {broken_off}", style="bold", markup=False)
    code = ExitCode.FAIL if outcome.code is ExitCode.FAIL else ExitCode.NOT_MEASURED
    return Outcome(code, outcome.findings, broken_off)


def judge_again(gate: Gate, path: Path) -> ExitCode:
    """Judge a recording that is there already into a new report.

    Raises RecordingError, also for the recording of a profiled run, and ReportError.
    """
    recording = measured(read_for_judging(path), gate.rules.limits)
    try:
        folder = new_folder(gate.out_dir, gate.now())
    except ReportError:
        _show(gate, recording, judge(recording, gate.rules, gate.selection))
        raise
    outcome = judge_into(folder, gate, path, recording)
    point_latest(folder)
    return outcome.code


def read_for_judging(path: Path) -> Recording:
    """Read a recording that is there already. Raises RecordingError, also for the recording of a profiled run."""
    recording = read_recording(path)
    if PROFILED in recording.header.environment:
        raise RecordingError(
            f"{path}: recorded under a memory profiler, which slows calls and takes memory: it is not judged. "
            f"What it shows is in {PAGE} beside it."
        )
    return recording


def drive_into(folder: Path, gate: Gate, settings: GateSettings, drive: Drive) -> Exception | None:
    """Run the scenario; returns what kept it from its end."""
    with ProgressDisplay(gate.console) as progress:
        try:
            asyncio.run(drive(settings, folder, progress))
        except (DriveError, RecordingError) as error:
            return error
        except KeyboardInterrupt:
            return Interrupted("interrupted")
    return None


def judge_into(folder: Path, gate: Gate, path: Path, recording: Recording) -> Outcome:
    """Judge a measured recording and report in this folder: the report is written first, so that the reader's eye ends on the verdict.

    Raises ReportError when the report cannot be written.
    """
    judgment = judge(recording, gate.rules, gate.selection, folder / JUNIT)
    problem = judgment.problem
    relative = Path(os.path.relpath(path, folder)).as_posix()
    try:
        write_report(folder, make_verdict(recording, judgment.findings, relative), recording, gate.rules)
    except ReportError as error:
        problem = str(error)
    finally:
        _show(gate, recording, judgment)
    if problem is not None:
        raise ReportError(f"{problem}. The recording is kept: {path}")
    gate.console.print(f"Report: {folder / PAGE}", markup=False, highlight=False, soft_wrap=True)
    code = _EXIT_CODES.get(overall(judgment.findings), ExitCode.NOT_MEASURED)
    return Outcome(code, judgment.findings)


def _show(gate: Gate, recording: Recording, judgment: Judgment) -> None:
    show(gate.console, make_verdict(recording, judgment.findings), judgment.findings)
