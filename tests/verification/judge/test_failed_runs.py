"""Recordings of real runs of broken agents: each is judged again, and fails exactly what it must."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.recordings import MB, Run, models_per_call
from mutants.kept_recordings import FOLDER, LARGEST_BYTES, shrink
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Rules, criteria_for
from voicegate.prove.mutant_file import Mutant, read_mutants
from voicegate.record.events import LOAD
from voicegate.record.recording import read_recording
from voicegate.testing import write_recording

MUTANTS = tuple(
    mutant
    for file in ("prove.toml", "alone.toml")
    for mutant in read_mutants(Path(__file__).parents[2] / "mutants" / file, environ={})
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: str(mutant.name))
def test_broken_agent_fails_exactly_its_criteria(mutant: Mutant) -> None:
    """What was recorded of a mutant fails its criteria, or cannot be measured, and all else passes or was not run."""
    recording = read_recording(FOLDER / f"{mutant.name}.jsonl.gz")
    findings = [criterion(recording, mutant.rules) for criterion in criteria_for(recording)]
    assert {one.id for one in findings if one.status is Status.FAIL} == mutant.fails
    assert {one.id for one in findings if one.status is Status.ERROR} == mutant.errors


def test_kept_recordings_are_small_and_name_no_machine() -> None:
    """They are those of the files of mutants, small enough to keep, and without paths of the machine they came from."""
    kept = sorted(FOLDER.iterdir())
    assert [path.name for path in kept] == sorted(f"{mutant.name}.jsonl.gz" for mutant in MUTANTS)
    assert max(path.stat().st_size for path in kept) <= LARGEST_BYTES
    for path in kept:
        recording = read_recording(path)
        assert recording.header.environment in ({}, {"scenario": LOAD})
        assert not any("/" in word for word in recording.header.agent_command)


@pytest.mark.parametrize(
    "run", [Run(), Run(lines=models_per_call, per_call_bytes=850 * MB)], ids=["healthy", "broken"]
)
def test_shrinking_changes_no_finding(run: Run, tmp_path: Path) -> None:
    """A recording that was shrunk says the same, in fewer bytes."""
    recording = run.recording()
    recording = replace(recording, log=tuple(replace(line, level="INFO") for line in recording.log))
    whole = write_recording(recording, tmp_path / "whole.jsonl")
    small = tmp_path / "small.jsonl"
    with whole.open(encoding="utf-8") as lines:
        small.write_text("".join(shrink(lines)), encoding="utf-8")
    assert small.stat().st_size < whole.stat().st_size
    before, after = read_recording(whole), read_recording(small)
    for criterion in CRITERIA:
        assert criterion(after, Rules()).status is criterion(before, Rules()).status


def test_shrinking_keeps_trouble_and_drops_the_rest(tmp_path: Path) -> None:
    """Log lines that nobody judges are dropped; those that say trouble stay, without paths."""
    common = {"kind": "log", "t": 1.23456, "pid": 7, "room": None}
    idle = common | {"message": "GET /healthz", "level": "INFO"}
    trouble = common | {"message": "cannot open /home/somebody/file.txt", "level": "ERROR"}
    (kept,) = (json.loads(line) for line in shrink(json.dumps(one) for one in (idle, trouble)))
    assert kept == trouble | {"message": "cannot open /...", "t": 1.235}
