"""The gate's own work on an hour of calls, beside what the JSON of as many events takes by itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.hour import hour, written_events
from side_by_side.turns import SideBySide
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Event
from voicegate.record.recording import RecordingWriter, read_recording

pytestmark = pytest.mark.benchmark(group="an hour of calls")

READ = "json.loads of its lines"


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """Make up an hour."""
    return written_events(hour())


@pytest.fixture(scope="module")
def recording(events: list[Event], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have the hour on disk."""
    path = tmp_path_factory.mktemp("hour") / "recording.jsonl"
    _write(events, path)
    return path


def bench_writing(side_by_side: SideBySide, events: list[Event], recording: Path, tmp_path: Path) -> None:
    """Record every event of it, each on its way to the disk at once."""
    plain = _plain(recording)
    written, bare_written = tmp_path / "recording.jsonl", tmp_path / "bare.jsonl"

    def ours() -> float:
        written.unlink(missing_ok=True)
        _write(events, written)
        return 1

    def bare() -> float:
        bare_written.unlink(missing_ok=True)
        with bare_written.open("xb", buffering=0) as file:
            for event in plain:
                file.write(json.dumps(event).encode() + b"\n")
        return 1

    side_by_side(ours, bare, unit="hour of calls", beside_is="json.dumps and write")


def bench_reading(side_by_side: SideBySide, recording: Path) -> None:
    """Read it back, checked."""

    def ours() -> float:
        assert read_recording(recording).end is not None
        return 1

    def bare() -> float:
        assert _plain(recording)
        return 1

    side_by_side(ours, bare, unit="hour of calls", beside_is=READ)


def bench_judging(side_by_side: SideBySide, recording: Path) -> None:
    """Judge it by all criteria; it has no scripted calls."""
    read = read_recording(recording)

    def ours() -> float:
        assert {criterion(read, Rules()).status for criterion in CRITERIA} == {Status.PASS, Status.NOT_RUN}
        return 1

    def bare() -> float:
        assert _plain(recording)
        return 1

    side_by_side(ours, bare, unit="hour of calls", beside_is=READ)


def _write(events: list[Event], path: Path) -> None:
    with RecordingWriter(path) as writer:
        for event in events:
            writer.write(event)


def _plain(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]
