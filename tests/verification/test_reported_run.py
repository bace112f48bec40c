"""What is the same around every run that leaves a report."""

from pathlib import Path

import pytest
from fakes.runs import FakeDrive, ReadableGate
from our_agent import our_settings
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode, MeasuringError, Outcome
from voicegate.report.contents import Report
from voicegate.report.document import Document
from voicegate.report.folder import ReportError
from voicegate.reported_run import Interrupted, attempt, drive_into, publish, run_folder

DIED = DriveError("the agent died")


@pytest.fixture
def readable(tmp_path: Path) -> ReadableGate:
    """Set up a gate that reports into a folder of its own."""
    return ReadableGate(tmp_path / "out")


def report(outcome: Outcome | None) -> Report:
    """Report that something came out like this."""
    return Report(Document(), "data.json", outcome, f"It is: {outcome}", "About it.", ())


def test_an_attempt_ends_in_what_was_made_or_in_what_kept_it_from_that() -> None:
    """Errors of a run and Ctrl-C are told; a mistake in the gate's own code is raised."""

    def fail(error: BaseException) -> int:
        raise error

    assert attempt(lambda: 1) == 1
    assert attempt(lambda: fail(DIED)) is DIED
    assert isinstance(attempt(lambda: fail(KeyboardInterrupt())), Interrupted)
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: fail(ZeroDivisionError()))


def test_latest_points_to_what_ended_well(readable: ReadableGate) -> None:
    """A run that left nothing is not the latest."""
    with run_folder(readable.gate) as folder:
        pass
    with pytest.raises(DriveError), run_folder(readable.gate):
        raise DIED
    assert (readable.out_dir / "latest").resolve() == folder


def test_nothing_recorded_is_nothing_to_report_on(readable: ReadableGate, tmp_path: Path) -> None:
    """What kept the drive from it is raised."""
    with pytest.raises(DriveError, match="the agent died"):
        drive_into(tmp_path, readable.gate, our_settings(), FakeDrive(None, DIED))


@pytest.mark.parametrize(
    ("outcome", "broken_off", "code"),
    [
        ("pass", None, ExitCode.PASS),
        ("fail", None, ExitCode.FAIL),
        ("error", None, ExitCode.NOT_MEASURED),
        (None, None, ExitCode.PASS),
        ("pass", DIED, ExitCode.NOT_MEASURED),
        ("fail", DIED, ExitCode.FAIL),
        (None, DIED, ExitCode.NOT_MEASURED),
    ],
)
def test_the_terminal_ends_in_outcome_and_report(
    readable: ReadableGate,
    tmp_path: Path,
    outcome: Outcome | None,
    broken_off: MeasuringError | None,
    code: ExitCode,
) -> None:
    """What broke the run off stands between them."""
    assert publish(tmp_path, readable.gate, report(outcome), broken_off) is code
    broken = [] if broken_off is None else ["The run broke off: the agent died"]
    assert readable.lines() == [f"It is: {outcome}", *broken, f"Report: {tmp_path / 'report.html'}"]
    assert {path.name for path in tmp_path.iterdir()} == {"data.json", "summary.md", "report.html"}


def test_a_report_that_cannot_be_written_is_shown(readable: ReadableGate, tmp_path: Path) -> None:
    """Without a line on where it is."""
    with pytest.raises(ReportError):
        publish(tmp_path / "missing", readable.gate, report("pass"))
    assert readable.lines() == ["It is: pass"]
