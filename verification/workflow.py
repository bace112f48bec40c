"""The gate's steps, in order: drive and record, judge, report. Everything a run leaves is in one folder."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from rich.console import Console

from verification.drive.errors import DriveError
from verification.judge.criterion import Rules
from verification.judge.finding import Status, overall
from verification.judge.registry import CRITERIA
from verification.plugin import Judgment, judge
from verification.progress import ProgressDisplay
from verification.record.events import Recording
from verification.record.recording import RecordingError, read_recording
from verification.report.folder import (
    JUNIT,
    PAGE,
    RECORDING,
    ReportError,
    new_folder,
    point_latest,
    write_report,
)
from verification.report.terminal import show
from verification.report.verdict import make_verdict
from verification.settings import GateSettings, SettingsError


class ExitCode(IntEnum):
    """What the gate's process returns."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    NOT_MEASURED = 3


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


def rules_of(settings: GateSettings) -> Rules:
    """Take from the settings what recordings are held against. Raises SettingsError for criteria that do not exist."""
    known = [criterion.id for criterion in CRITERIA]
    if unknown := set(settings.criteria.off) - set(known):
        raise SettingsError(
            f"{settings.path}: criteria.off: unknown {', '.join(sorted(unknown))}; known: {', '.join(known)}"
        )
    return Rules(settings.limits, settings.log, frozenset(settings.criteria.off), settings.source.lock)


def verify(gate: Gate, settings: GateSettings, drive: Drive) -> ExitCode:
    """Drive the scenario, judge and report; a run that broke off is judged as far as it was recorded.

    Raises DriveError or RecordingError when nothing was recorded, ReportError when the report cannot be written.
    """
    folder = new_folder(gate.out_dir, gate.now())
    broken_off = _drive(gate, settings, folder, drive)
    path = folder / RECORDING
    if broken_off is not None and not path.is_file():
        raise broken_off
    code = _judge_into(folder, gate, path, read_recording(path))
    if broken_off is None:
        return code
    gate.console.print(f"The run broke off: {broken_off}", style="bold", markup=False)
    return ExitCode.FAIL if code is ExitCode.FAIL else ExitCode.NOT_MEASURED


def judge_again(gate: Gate, path: Path) -> ExitCode:
    """Judge a recording that is there already into a new report. Raises RecordingError and ReportError."""
    recording = read_recording(path)
    try:
        folder = new_folder(gate.out_dir, gate.now())
    except ReportError:
        _show(gate, recording, judge(recording, gate.rules, gate.selection))
        raise
    return _judge_into(folder, gate, path, recording)


def _drive(gate: Gate, settings: GateSettings, folder: Path, drive: Drive) -> Exception | None:
    """Run the scenario; returns what kept it from its end."""
    with ProgressDisplay(gate.console) as progress:
        try:
            asyncio.run(drive(settings, folder, progress))
        except (DriveError, RecordingError) as error:
            return error
        except KeyboardInterrupt:
            return DriveError("interrupted")
    return None


def _judge_into(folder: Path, gate: Gate, path: Path, recording: Recording) -> ExitCode:
    """Write the report first, show the verdict last, so that it is what the reader sees."""
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
    point_latest(folder)
    gate.console.print(f"Report: {folder / PAGE}", markup=False, highlight=False, soft_wrap=True)
    return _EXIT_CODES.get(overall(judgment.findings), ExitCode.NOT_MEASURED)


def _show(gate: Gate, recording: Recording, judgment: Judgment) -> None:
    show(gate.console, make_verdict(recording, judgment.findings), judgment.findings)
