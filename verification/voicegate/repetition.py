"""The same run several times over, and how far the runs lie apart."""

from dataclasses import replace
from pathlib import Path

from voicegate.exit_codes import ExitCode, MeasuringError
from voicegate.report.spread import RepeatedRun, make_spread, read_run
from voicegate.report.spread_report import spread_report
from voicegate.reported_run import Drive, Gate, Interrupted, attempt, publish, run_folder
from voicegate.settings import GateSettings
from voicegate.workflow import Verified, verify_into


def verify_repeatedly(gate: Gate, settings: GateSettings, drive: Drive, times: int) -> ExitCode:
    """Verify `times` times, each run in a folder `run-NN` inside one folder; report on them together.

    The exit code is the worst of the runs. Ctrl-C ends the run that goes on and the repetition; what was done is
    reported. A first run that cannot begin raises its DriveError or RecordingError: it would not begin again either.
    Raises ReportError when the report cannot be written.
    """
    with run_folder(gate) as folder:
        runs: list[RepeatedRun] = []
        for number in range(1, times + 1):
            gate.say(f"\nRun {number} of {times}", style="bold")
            one = folder / f"run-{number:0{max(2, len(str(times)))}}"
            problem = _run_once(one, replace(gate, prefix=f"run {number} of {times}: "), settings, drive)
            run = read_run(one, None if problem is None else str(problem))
            if problem is not None and run.verdict is None and not runs:
                raise problem
            runs.append(run)
            if isinstance(problem, Interrupted):
                break
        gate.say("")
        return publish(folder, gate, spread_report(make_spread(runs, times)))


def _run_once(folder: Path, gate: Gate, settings: GateSettings, drive: Drive) -> MeasuringError | None:
    """Make one run, judge and report it; return what kept it from its end."""
    made = attempt(lambda: verify_into(folder, gate, settings, drive))
    if isinstance(made, Verified):
        return made.broken_off
    gate.say(f"{folder.name}: {made}", style="yellow")
    return made
