"""Several runs after each other, with drives that only write recordings."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.recordings import MB, Run, cut_at, models_per_call
from fakes.runs import FakeDrive, ReadableGate
from our_agent import our_settings
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.record.events import Recording
from voicegate.repetition import verify_repeatedly
from voicegate.settings import GateSettings

pytestmark = pytest.mark.usefixtures("undrawn")

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
CUT = cut_at(GOOD, 60)
SETTINGS = our_settings()


class Drives:
    """Plays one drive after the other, and keeps what they say."""

    def __init__(self, *drives: FakeDrive) -> None:
        self._drives = iter(drives)
        self.folders: list[str] = []
        self.said: list[str] = []

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Let the next drive record."""
        self.folders.append(out_dir.name)
        return await next(self._drives)(settings, out_dir, progress)


@pytest.fixture
def readable(tmp_path: Path) -> ReadableGate:
    """Set up a gate that reports into a folder of its own."""
    return ReadableGate(tmp_path / "out")


@pytest.mark.parametrize(
    ("recordings", "code", "verdict"),
    [
        ((GOOD, GOOD), ExitCode.PASS, "pass"),
        ((GOOD, CUT), ExitCode.NOT_MEASURED, "error"),
        ((BROKEN, CUT), ExitCode.FAIL, "fail"),
        ((CUT, BROKEN), ExitCode.FAIL, "fail"),
    ],
)
def test_the_worst_run_decides(
    readable: ReadableGate, recordings: tuple[Recording, ...], code: ExitCode, verdict: str
) -> None:
    """FAIL before ERROR before PASS, whichever run it was."""
    drives = Drives(*map(FakeDrive, recordings))
    assert verify_repeatedly(readable.gate, SETTINGS, drives, len(recordings)) is code
    assert readable.report("spread.json")["verdict"] == verdict


def test_each_run_has_a_folder_in_one_that_latest_names(readable: ReadableGate, tmp_path: Path) -> None:
    """Every run is reported as if it were alone, and the report on all of them lies beside."""
    verify_repeatedly(readable.gate, SETTINGS, Drives(FakeDrive(GOOD), FakeDrive(GOOD)), 2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["2026-11-22T13-00-00Z", "latest"]
    latest = tmp_path / "out" / "latest"
    assert latest.resolve().name == "2026-11-22T13-00-00Z"
    names = sorted(path.name for path in latest.iterdir())
    assert names == ["report.html", "run-01", "run-02", "spread.json", "summary.md"]
    for run in ("run-01", "run-02"):
        files = {path.name for path in (latest / run).iterdir()}
        assert files == {"junit.xml", "recording.jsonl", "report.html", "summary.md", "verdict.json"}


def test_progress_says_which_run_it_is(readable: ReadableGate) -> None:
    """Out of how many, in front of each step."""
    verify_repeatedly(readable.gate, SETTINGS, Drives(*[FakeDrive(GOOD)] * 3), 3)
    shown = readable.screen.getvalue()
    assert "run 3 of 3: Recording what never took place" in shown
    assert shown.splitlines()[-1].startswith("Report: ")
    assert shown.splitlines()[-2] == "PASS: 3 runs: 3 PASS"


def test_ctrl_c_reports_what_was_done(readable: ReadableGate) -> None:
    """The run that was interrupted counts as an error, and no other is begun."""
    drives = Drives(FakeDrive(GOOD), FakeDrive(cut_at(GOOD, 60), KeyboardInterrupt()), FakeDrive(GOOD))
    assert verify_repeatedly(readable.gate, SETTINGS, drives, 3) is ExitCode.NOT_MEASURED
    assert drives.folders == ["run-01", "run-02"]
    runs = readable.report("spread.json")["runs"]
    assert isinstance(runs, list)
    assert [(run["verdict"], run["problem"]) for run in runs] == [("pass", None), ("error", "interrupted")]
    assert "ERROR: 2 of 3 runs: 1 PASS, 1 ERROR" in readable.screen.getvalue()


def test_a_run_that_recorded_nothing_is_an_error_among_others(readable: ReadableGate) -> None:
    """A server that does not come up once does not end the repetition."""
    drives = Drives(FakeDrive(GOOD), FakeDrive(None, DriveError("no server")), FakeDrive(GOOD))
    assert verify_repeatedly(readable.gate, SETTINGS, drives, 3) is ExitCode.NOT_MEASURED
    assert "run-02 ERROR: no server" in readable.screen.getvalue()


def test_a_first_run_that_cannot_begin_ends_it(readable: ReadableGate) -> None:
    """What keeps the first run from beginning would keep the others too."""
    drives = Drives(FakeDrive(None, DriveError("no models")), FakeDrive(GOOD))
    with pytest.raises(DriveError, match="no models"):
        verify_repeatedly(readable.gate, SETTINGS, drives, 2)
    assert drives.folders == ["run-01"]
