"""The same run several times over, and how far the runs lie apart."""

from collections.abc import Callable
from pathlib import Path

from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.record.recording import RecordingError
from voicegate.report.folder import PAGE, ReportError, new_folder, point_latest
from voicegate.report.spread import Run, Spread, make_spread, read_run
from voicegate.report.spread_page import write_spread
from voicegate.report.spread_terminal import show_spread
from voicegate.settings import GateSettings
from voicegate.workflow import Drive, Gate, Interrupted, verify_into

_CODES = {"pass": ExitCode.PASS, "fail": ExitCode.FAIL, "error": ExitCode.NOT_MEASURED}


def verify_repeatedly(gate: Gate, settings: GateSettings, drive: Drive, times: int) -> ExitCode:
    """Verify `times` times, each run in a folder `run-NN` inside one folder; report on them together.

    The exit code is the worst of the runs. Ctrl-C ends the run that goes on and the repetition; what was done is
    reported. A first run that cannot begin raises its DriveError or RecordingError: it would not begin again either.
    Raises ReportError when the report cannot be written.
    """
    folder = new_folder(gate.out_dir, gate.now())
    runs: list[Run] = []
    for number in range(1, times + 1):
        gate.console.print(f"\nRun {number} of {times}", style="bold", highlight=False)
        run_folder = folder / f"run-{number:0{max(2, len(str(times)))}}"
        problem = _run_once(gate, settings, _numbered(drive, f"run {number} of {times}"), run_folder)
        run = read_run(run_folder, None if problem is None else str(problem))
        if problem is not None and run.verdict is None and not runs:
            raise problem
        runs.append(run)
        if isinstance(problem, Interrupted):
            break
    _report(gate, folder, spread := make_spread(runs, times))
    return _CODES[spread.verdict]


def _run_once(gate: Gate, settings: GateSettings, drive: Drive, folder: Path) -> Exception | None:
    """Make one run, judge and report it; return what kept it from its end."""
    try:
        _make(folder)
        return verify_into(folder, gate, settings, drive).broken_off
    except KeyboardInterrupt:
        return Interrupted("interrupted")
    except (DriveError, RecordingError, ReportError) as error:
        gate.console.print(f"{folder.name}: {error}", style="yellow", markup=False, soft_wrap=True)
        return error


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        raise ReportError(f"{folder}: cannot make the run's folder: {error.strerror}") from error


def _numbered(drive: Drive, prefix: str) -> Drive:
    """Let progress say which of the runs it is."""

    async def drive_numbered(settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        return await drive(settings, out_dir, lambda step: progress(f"{prefix}: {step}"))

    return drive_numbered


def _report(gate: Gate, folder: Path, spread: Spread) -> None:
    gate.console.print()
    try:
        write_spread(folder, spread)
    finally:
        show_spread(gate.console, spread)
    point_latest(folder)
    gate.console.print(f"Report: {folder / PAGE}", markup=False, highlight=False, soft_wrap=True)
