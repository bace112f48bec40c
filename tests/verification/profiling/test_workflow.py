"""The steps of a profile, with a drive that leaves a recording and captures."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.captures import capture
from fakes.profiles import profiled_recording
from fakes.recordings import Run, cut_at, models_per_call
from fakes.runs import FakeDrive, ReadableGate
from our_agent import our_settings
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.profiling.on_failure import verify_and_profile
from voicegate.profiling.workflow import NothingCapturedError, profile
from voicegate.record.events import Recording
from voicegate.record.recording import RecordingError
from voicegate.settings import GateSettings
from voicegate.workflow import judge_again

pytestmark = pytest.mark.slow

RECORDING = profiled_recording()
SETTINGS = our_settings()
FOLDER = "2026-11-22T13-00-00Z"


class ProfiledDrive(FakeDrive):
    """Writes captures too: to where the agent's environment says."""

    def __init__(
        self,
        captures: dict[str, bytes],
        recording: Recording | None = RECORDING,
        error: BaseException | None = None,
    ) -> None:
        super().__init__(recording, error)
        self.captures = captures
        self.scenarios: list[str] = []

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Record, and leave captures."""
        self.scenarios.append(settings.scenario.name)
        for name, content in self.captures.items():
            (Path(settings.agent_environment()["VOICEGATE_MEMRAY_DIR"]) / name).write_bytes(content)
        return await super().__call__(settings, out_dir, progress)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Record a small program."""
    path = tmp_path_factory.mktemp("captures") / "main-10.bin"
    capture(path, "keep(2)")
    return path.read_bytes()


@pytest.fixture
def readable(tmp_path: Path) -> ReadableGate:
    """Set up a gate that reports into a folder of its own."""
    return ReadableGate(tmp_path / "out")


def test_a_profile_leaves_its_report(readable: ReadableGate, tmp_path: Path, content: bytes) -> None:
    """Page, data, summary and flame graphs, in the folder that `latest` names."""
    drive = ProfiledDrive({"main-10.bin": content, "job-7.bin": b"torn"})
    assert profile(readable.gate, SETTINGS, drive) is ExitCode.PASS
    latest = tmp_path / "out" / "latest"
    assert sorted(path.name for path in latest.iterdir()) == [
        "captures",
        "flame-graphs",
        "profile.json",
        "recording.jsonl",
        "report.html",
        "summary.md",
    ]
    assert sorted(path.name for path in (latest / "flame-graphs").iterdir()) == [
        "main-kept.html",
        "main-peak.html",
    ]
    found = json.loads((latest / "profile.json").read_text())
    assert (found["schema"], found["version"]) == ("voicegate.profile", 1)
    assert [role["role"] for role in found["roles"]] == ["main"]
    assert found["roles"][0]["flame_graphs"]["at the peak"] == "flame-graphs/main-peak.html"
    assert [one["file"] for one in found["unreadable"]] == ["job-7.bin"]
    assert readable.lines()[-1] == f"Report: {tmp_path / 'out' / FOLDER / 'report.html'}"


def test_flame_graphs_fetch_nothing(readable: ReadableGate, tmp_path: Path, content: bytes) -> None:
    """They hold the scripts that they need."""
    profile(readable.gate, SETTINGS, ProfiledDrive({"main-10.bin": content}))
    text = (tmp_path / "out" / FOLDER / "flame-graphs" / "main-peak.html").read_text()
    assert '<script src="http' not in text
    assert "keep" in text


def test_an_agent_that_records_nothing_is_not_measured(readable: ReadableGate) -> None:
    """The message says which names were expected where, and what is there."""
    with pytest.raises(NothingCapturedError, match=r"named ROLE-PID.bin, found notes.txt\. \[profile\]"):
        profile(readable.gate, SETTINGS, ProfiledDrive({"notes.txt": b""}))


def test_a_run_that_never_began_raises_its_reason(readable: ReadableGate) -> None:
    """An agent without memray ends before it is ready: its own words are the error."""
    with pytest.raises(DriveError, match="memray is not installed"):
        profile(readable.gate, SETTINGS, ProfiledDrive({}, None, DriveError("memray is not installed")))


def test_a_run_that_broke_off_without_captures_raises_its_reason(readable: ReadableGate) -> None:
    """There is a recording, but it says nothing of allocations."""
    drive = ProfiledDrive({}, cut_at(RECORDING, 3), DriveError("the agent died"))
    with pytest.raises(DriveError, match="the agent died"):
        profile(readable.gate, SETTINGS, drive)


@pytest.mark.parametrize("error", [DriveError("the agent died"), KeyboardInterrupt()])
def test_a_run_that_broke_off_is_reported(
    readable: ReadableGate, content: bytes, error: BaseException
) -> None:
    """As far as it was recorded, with a code that says so."""
    drive = ProfiledDrive({"main-10.bin": content}, cut_at(RECORDING, 30), error)
    assert profile(readable.gate, SETTINGS, drive) is ExitCode.NOT_MEASURED
    assert any(line.startswith("The run broke off: ") for line in readable.lines())


def test_a_profiled_recording_is_not_judged(readable: ReadableGate, tmp_path: Path, content: bytes) -> None:
    """Its latencies and its memory are the profiler's too."""
    profile(readable.gate, SETTINGS, ProfiledDrive({"main-10.bin": content}))
    with pytest.raises(RecordingError, match=r"recorded under a memory profiler.* not judged"):
        judge_again(readable.gate, tmp_path / "out" / FOLDER / "recording.jsonl")


FAILING = Run(lines=models_per_call, per_call_bytes=850_000_000, variants=()).recording()


def test_failed_memory_is_profiled_and_linked(readable: ReadableGate, tmp_path: Path, content: bytes) -> None:
    """A shorter run follows the verdict, and the criteria that failed on memory lead to its page, and no others."""
    drive, profiled = FakeDrive(FAILING), ProfiledDrive({"main-10.bin": content})
    assert verify_and_profile(readable.gate, SETTINGS, drive, profiled) is ExitCode.FAIL
    folder = tmp_path / "out" / "latest"
    criteria = json.loads((folder / "verdict.json").read_text())["criteria"]
    assert {one["id"]: one["profile"] for one in criteria if one["profile"]} == {
        "C5-extra-connection": "profile/report.html",
        "C7-total": "profile/report.html",
    }
    assert any(one["status"] == "fail" and one["profile"] is None for one in criteria)
    assert profiled.scenarios == ["profile"]
    assert (folder / "profile" / "report.html").is_file()
    assert (folder / "report.html").read_text().count('<a href="profile/report.html">') == 2
    assert "Which lines hold the memory: profile/report.html" in (folder / "summary.md").read_text()


def test_what_does_not_fail_on_memory_is_not_profiled(readable: ReadableGate, tmp_path: Path) -> None:
    """Neither a run that passes nor one that fails elsewhere."""
    profiled = ProfiledDrive({})
    code = verify_and_profile(readable.gate, SETTINGS, FakeDrive(Run().recording()), profiled)
    assert (code, profiled.scenarios) == (ExitCode.PASS, [])
    elsewhere = Run(lines=models_per_call).recording()
    code = verify_and_profile(readable.gate, SETTINGS, FakeDrive(elsewhere), profiled)
    assert (code, profiled.scenarios) == (ExitCode.FAIL, [])


def test_ctrl_c_ends_it_all(readable: ReadableGate) -> None:
    """Who interrupts a run does not want another."""
    profiled = ProfiledDrive({})
    code = verify_and_profile(readable.gate, SETTINGS, FakeDrive(FAILING, KeyboardInterrupt()), profiled)
    assert (code, profiled.scenarios) == (ExitCode.FAIL, [])


def test_a_profile_that_cannot_be_made_changes_no_verdict(readable: ReadableGate, tmp_path: Path) -> None:
    """It is said, and the report stays as it was."""
    profiled = ProfiledDrive({}, None, DriveError("no server"))
    assert verify_and_profile(readable.gate, SETTINGS, FakeDrive(FAILING), profiled) is ExitCode.FAIL
    assert "There is no profile: no server" in readable.lines()
    assert "profile/report.html" not in (tmp_path / "out" / "latest" / "report.html").read_text()
