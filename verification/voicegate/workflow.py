"""The gate's own run: a scenario is driven and recorded, judged and reported, in one folder."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from voicegate.exit_codes import ExitCode, MeasuringError
from voicegate.judge.finding import Finding
from voicegate.judge.registry import Rules
from voicegate.judging import judge
from voicegate.measure.turns import measured
from voicegate.record.events import Recording
from voicegate.record.recording import RecordingError, read_recording
from voicegate.report.folder import JUNIT, PAGE, RECORDING, FolderError, ReportError, write_text
from voicegate.report.prometheus import prometheus_of
from voicegate.report.terminal import show
from voicegate.report.verdict import Verdict, make_verdict
from voicegate.report.verdict_report import verdict_report
from voicegate.reported_run import Drive, Gate, drive_into, publish, run_folder
from voicegate.settings import GateSettings

PROFILED = "profiled"
"""What the environment of a recording notes that was made under a memory profiler."""
PROFILED_NOTE = {PROFILED: "by memray"}


@dataclass(frozen=True, slots=True)
class Verified:
    """How a run came out, what was found, and what kept the run from its end, if anything did."""

    code: ExitCode
    findings: tuple[Finding, ...]
    broken_off: MeasuringError | None = None


def verify(gate: Gate, settings: GateSettings, drive: Drive) -> ExitCode:
    """Drive the scenario, judge and report, in a new folder that `latest` then points to.

    Raises DriveError or RecordingError when nothing was recorded, ReportError when the report cannot be written.
    """
    with run_folder(gate) as folder:
        return verify_into(folder, gate, settings, drive).code


def verify_into(folder: Path, gate: Gate, settings: GateSettings, drive: Drive) -> Verified:
    """Drive, judge and report in this folder; a run that broke off is judged as far as it was recorded.

    Raises as `verify` does.
    """
    broken_off = drive_into(folder, gate, settings, drive)
    path = folder / RECORDING
    return judge_into(folder, gate, path, measured(read_recording(path), gate.rules.limits), broken_off)


def judge_again(gate: Gate, path: Path) -> ExitCode:
    """Judge a recording that is there already into a new report.

    Raises RecordingError, also for the recording of a profiled run, and ReportError.
    """
    recording = measured(read_for_judging(path), gate.rules.limits)
    gate = replace(gate, past=None)  # it was a run before
    try:
        with run_folder(gate) as folder:
            return judge_into(folder, gate, path, recording).code
    except FolderError:
        verdict = make_verdict(recording, judge(recording, gate.rules, gate.selection).findings)
        show(gate.console, verdict_report(verdict, recording, gate.rules))
        raise


def judged(path: Path, rules: Rules) -> Verdict:
    """Judge a recording that is there already, and write nothing. Raises RecordingError."""
    recording = measured(read_for_judging(path), rules.limits)
    return make_verdict(recording, judge(recording, rules).findings, path.name)


def read_for_judging(path: Path) -> Recording:
    """Read a recording that is there already. Raises RecordingError, also for the recording of a profiled run."""
    recording = read_recording(path)
    if PROFILED in recording.header.environment:
        raise RecordingError(
            f"{path}: recorded under a memory profiler, which slows calls and takes memory: it is not judged. "
            f"What it shows is in {PAGE} beside it."
        )
    return recording


def judge_into(
    folder: Path, gate: Gate, path: Path, recording: Recording, broken_off: MeasuringError | None = None
) -> Verified:
    """Judge a measured recording and report in this folder. Raises ReportError when the report cannot be written."""
    judgment = judge(recording, gate.rules, gate.selection, folder / JUNIT)
    relative = Path(os.path.relpath(path, folder)).as_posix()
    verdict = make_verdict(recording, judgment.findings, relative)
    past = gate.past
    if past is not None:
        verdict, skipped = past.held_against(verdict)
        for line in skipped:
            gate.say(line, "yellow")
    report = verdict_report(verdict, recording, gate.rules, path.parent)
    problem = judgment.problem
    try:
        code = publish(folder, gate, report, broken_off)
    except ReportError as error:
        problem = str(error)
    try:
        if past is not None:
            past.remember(verdict)
        if gate.prometheus is not None:
            write_text(gate.prometheus, prometheus_of(verdict))
    except MeasuringError as error:
        gate.say(str(error), "red")
        code = ExitCode.NOT_MEASURED if code is ExitCode.PASS else code
    if problem is not None:
        raise ReportError(f"{problem}. The recording is kept: {path}")
    return Verified(code, judgment.findings, broken_off)
