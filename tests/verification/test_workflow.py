"""The steps of a run, with a drive that only writes a recording."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.conversations import SCRIPTED
from fakes.load_recordings import LoadRun
from fakes.recordings import MB, Run, cut_at, models_per_call
from fakes.runs import FakeDrive, ReadableGate
from our_agent import our_settings
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode, UsageError
from voicegate.history.comparison import read_runs
from voicegate.history.entries import entry_of
from voicegate.history.history_file import append_entry, read_history
from voicegate.history.past import Past
from voicegate.history.trend import make_trend
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import ASKED, LogLine, Recording
from voicegate.record.recording import RecordingError, RecordingWriter
from voicegate.redaction import Secrets
from voicegate.report.folder import ReportError, check_writable
from voicegate.report.verdict import Verdict, make_verdict
from voicegate.testing import write_recording
from voicegate.testing.files import events_in_time
from voicegate.workflow import judge_again, verify

pytestmark = pytest.mark.usefixtures("undrawn")

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
PLAIN = Run(cycles=3, variants=()).recording()
SETTINGS = our_settings()


@pytest.fixture
def readable(tmp_path: Path) -> ReadableGate:
    """Set up a gate that reports into a folder of its own."""
    return ReadableGate(tmp_path / "out")


@pytest.mark.parametrize(
    ("recording", "code", "verdict"),
    [
        (GOOD, ExitCode.PASS, "pass"),
        (BROKEN, ExitCode.FAIL, "fail"),
        (cut_at(GOOD, 60), ExitCode.NOT_MEASURED, "error"),
    ],
)
def test_run_ends_in_a_report_and_its_code(
    readable: ReadableGate, tmp_path: Path, recording: Recording, code: ExitCode, verdict: str
) -> None:
    """The exit code says how it came out, and everything is in the folder that `latest` names."""
    assert verify(readable.gate, SETTINGS, FakeDrive(recording)) is code
    latest = tmp_path / "out" / "latest"
    assert sorted(path.name for path in latest.iterdir()) == [
        "junit.xml",
        "recording.jsonl",
        "report.html",
        "summary.md",
        "verdict.json",
    ]
    assert json.loads((latest / "verdict.json").read_text())["verdict"] == verdict


def test_last_lines_are_the_verdict_and_the_report(readable: ReadableGate, tmp_path: Path) -> None:
    """The reader's eye ends on how it came out and where the report is."""
    verify(readable.gate, SETTINGS, FakeDrive(GOOD))
    verdict, report = readable.lines()[-2:]
    assert (
        verdict
        == f"PASS: {len(CRITERIA) - len(SCRIPTED)} passed, {len(SCRIPTED)} not run ({', '.join(SCRIPTED)})"
    )
    assert report == f"Report: {tmp_path / 'out' / '2026-11-22T13-00-00Z' / 'report.html'}"


def test_run_that_broke_off_is_judged_as_far_as_it_went(readable: ReadableGate, tmp_path: Path) -> None:
    """A drive that fails half way leaves a report of what was recorded, and is not measured."""
    drive = FakeDrive(cut_at(GOOD, 60), DriveError("the agent died with exit code 9"))
    assert verify(readable.gate, SETTINGS, drive) is ExitCode.NOT_MEASURED
    assert "The run broke off: the agent died with exit code 9" in readable.lines()
    assert (tmp_path / "out" / "latest" / "report.html").is_file()


def test_run_that_broke_off_after_a_failure_fails(readable: ReadableGate) -> None:
    """What failed before the run broke off has failed."""
    drive = FakeDrive(cut_at(BROKEN, 60), DriveError("the agent died"))
    assert verify(readable.gate, SETTINGS, drive) is ExitCode.FAIL


def test_interrupted_run_is_reported(readable: ReadableGate) -> None:
    """Ctrl-C leaves a report of what was recorded."""
    drive = FakeDrive(cut_at(GOOD, 60), KeyboardInterrupt())
    assert verify(readable.gate, SETTINGS, drive) is ExitCode.NOT_MEASURED
    assert "The run broke off: interrupted" in readable.lines()


def test_run_that_never_began_raises_its_reason(readable: ReadableGate) -> None:
    """A drive that recorded nothing has nothing to report but its error."""
    with pytest.raises(DriveError, match="no server"):
        verify(readable.gate, SETTINGS, FakeDrive(None, DriveError("no server")))


def test_old_recording_is_judged_into_a_new_report(readable: ReadableGate, tmp_path: Path) -> None:
    """Judging again leaves the old folder alone and points back to its recording."""
    old = tmp_path / "old"
    old.mkdir()
    path = write_recording(GOOD, old / "recording.jsonl")
    assert judge_again(readable.gate, path) is ExitCode.PASS
    assert [one.name for one in old.iterdir()] == ["recording.jsonl"]
    verdict = json.loads((tmp_path / "out" / "latest" / "verdict.json").read_text())
    assert verdict["recording"] == "../../old/recording.jsonl"


def test_judging_again_gives_the_same_verdict(readable: ReadableGate, tmp_path: Path) -> None:
    """A recording judged twice has the same findings."""
    verify(readable.gate, SETTINGS, FakeDrive(BROKEN))
    first = tmp_path / "out" / "2026-11-22T13-00-00Z"
    judge_again(readable.gate, first / "recording.jsonl")
    again = tmp_path / "out" / "2026-11-22T13-00-00Z-2"
    criteria = [json.loads((folder / "verdict.json").read_text())["criteria"] for folder in (first, again)]
    assert criteria[0] == criteria[1]


def test_broken_recording_names_its_line(readable: ReadableGate, tmp_path: Path) -> None:
    """A recording with a line that is no event is refused by its number."""
    path = write_recording(GOOD, tmp_path / "recording.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:4], '{"kind": "memory"}\n', *lines[5:]]))
    with pytest.raises(RecordingError, match=r"recording\.jsonl:5"):
        judge_again(readable.gate, path)


def test_report_that_cannot_be_written_shows_the_findings(readable: ReadableGate, tmp_path: Path) -> None:
    """A full disk costs the report; the findings are shown and the recording is kept."""
    drive = FakeDrive(GOOD)

    async def fill_disk(settings: object, out_dir: Path, progress: object) -> Path:
        path = await drive(SETTINGS, out_dir, lambda _: None)
        (out_dir / f".verdict.json.{os.getpid()}.part").symlink_to("/dev/full")
        return path

    with pytest.raises(
        ReportError, match=r"No space left on device. The recording is kept: .*recording\.jsonl"
    ):
        verify(readable.gate, SETTINGS, fill_disk)
    assert (
        readable.lines()[-1]
        == f"PASS: {len(CRITERIA) - len(SCRIPTED)} passed, {len(SCRIPTED)} not run ({', '.join(SCRIPTED)})"
    )
    assert (tmp_path / "out" / "2026-11-22T13-00-00Z" / "recording.jsonl").is_file()


def test_folder_that_cannot_be_made_shows_the_findings(tmp_path: Path) -> None:
    """When not even a folder can be made, an old recording is still judged on the terminal."""
    (tmp_path / "file").touch()
    readable = ReadableGate(tmp_path / "file")
    path = write_recording(GOOD, tmp_path / "recording.jsonl")
    with pytest.raises(ReportError, match="cannot make the report's folder"):
        judge_again(readable.gate, path)
    assert (
        readable.lines()[-1]
        == f"PASS: {len(CRITERIA) - len(SCRIPTED)} passed, {len(SCRIPTED)} not run ({', '.join(SCRIPTED)})"
    )


def test_no_secret_reaches_a_report(readable: ReadableGate, tmp_path: Path) -> None:
    """What is not in the recording is in no file that is made of it, nor on the terminal."""
    secret = "s3cr3t-value"
    path = tmp_path / "recording.jsonl"
    with RecordingWriter(path, Secrets([secret])) as writer:
        for event in events_in_time(GOOD):
            writer.write(event)
        writer.write(LogLine(99.0, f"cannot log in with {secret}", "ERROR", 10))
    assert judge_again(readable.gate, path) is ExitCode.FAIL
    assert "cannot log in with ***" in readable.screen.getvalue()
    written = [file for file in (tmp_path / "out" / "latest").rglob("*") if file.is_file()]
    assert {"verdict.json", "report.html", "junit.xml", "summary.md"} <= {file.name for file in written}
    for text in (*(file.read_text(encoding="utf-8") for file in written), readable.screen.getvalue()):
        assert secret not in text


def test_a_run_becomes_part_of_the_history_once(readable: ReadableGate, tmp_path: Path) -> None:
    """A driven run leaves a line, and tells of those that cannot be read; judging it again leaves none, but its figures as Prometheus text where that is asked for."""
    file = tmp_path / "history.jsonl"
    file.write_text("half a line")
    gate = replace(readable.gate, past=Past(file, file))
    verify(gate, SETTINGS, FakeDrive(PLAIN))
    (entry,) = read_history(file).entries
    assert entry.statuses["C5-extra-connection"] == "pass"
    assert any(line.startswith("history.jsonl:1: skipped") for line in readable.lines())
    assert {one.criterion for one in entry.figures} >= {"C5-extra-connection", "T1-response"}
    figures = tmp_path / "voicegate.prom"
    judge_again(replace(gate, prometheus=figures), tmp_path / "out" / "latest" / "recording.jsonl")
    assert len(read_history(file).entries) == 1
    assert "\nvoicegate_run_passed 0.0\n" in figures.read_text()


def test_load_runs_are_kept_apart_by_their_options(readable: ReadableGate, tmp_path: Path) -> None:
    """Each has its line, and is followed with those that were asked for the same."""
    file = tmp_path / "history.jsonl"
    gate = replace(readable.gate, past=Past(file, file))
    recording = LoadRun().recording()
    for asked in ("-u 3", "-u 5", "-u 3"):
        environment = recording.header.environment | {ASKED: asked}
        header = replace(recording.header, environment=environment)
        verify(gate, SETTINGS, FakeDrive(replace(recording, header=header)))
    history = read_history(file)
    assert [one.setting.scenario for one in history.entries] == ["load -u 3", "load -u 5", "load -u 3"]
    assert len(make_trend(history).runs) == 2
    assert make_trend(history.of_scenario("load -u 5")).runs == (history.entries[1].started_at,)
    assert {one.criterion.partition("-")[0] for one in history.entries[0].figures} >= {"L2", "L4"}


def test_a_run_that_is_worse_than_those_before_fails_where_that_is_set(
    readable: ReadableGate, tmp_path: Path
) -> None:
    """The verdict, the exit code and the terminal say so."""
    file = tmp_path / "history.jsonl"
    gate = replace(readable.gate, past=Past(file, file, fails=True))
    dear = Run(cycles=3, variants=(), per_call_bytes=60 * MB).recording()
    good_entry, dear_entry = (
        entry_of(make_verdict(one, [judge(one, Rules()) for judge in CRITERIA])) for one in (PLAIN, dear)
    )
    for entry in (*[good_entry] * 4, *[dear_entry] * 2):
        append_entry(file, entry)
    assert verify(gate, SETTINGS, FakeDrive(dear)) is ExitCode.FAIL
    assert any(
        line.startswith("C5-extra-connection WORSE: from 0 to 1 call was 40.0 MB")
        for line in readable.lines()
    )
    page = (tmp_path / "out" / "latest" / "report.html").read_text("utf-8")
    assert "C5-extra-connection is worse than before" in page


def test_what_cannot_be_written_beside_the_report_hides_no_failure(
    readable: ReadableGate, tmp_path: Path
) -> None:
    """The report is there and named; a run that passes did not do all that was asked for."""
    (tmp_path / "file").touch()
    gate = replace(readable.gate, prometheus=tmp_path / "file" / "voicegate.prom")
    broken = Run(cycles=0, variants=(), lines=models_per_call).recording()
    assert verify(gate, SETTINGS, FakeDrive(broken)) is ExitCode.FAIL
    assert "cannot write the report" in readable.screen.getvalue()
    assert (tmp_path / "out" / "latest" / "report.html").is_file()
    assert len(read_runs(tmp_path / "out", judged_already).entries) == 1, "the link `latest` is no run more"


def judged_already(path: Path) -> Verdict:
    """Fail: a folder of reports has verdicts."""
    raise AssertionError(path)


@pytest.mark.parametrize("below", ["file/figures.prom", "file/deep/figures.prom"])
def test_where_nothing_can_be_written_is_told_before_the_run(tmp_path: Path, below: str) -> None:
    """A file is no folder."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written, because of"):
        check_writable(tmp_path / below)
    check_writable(tmp_path / "new" / "figures.prom")
