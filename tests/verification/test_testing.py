"""The public module for tests of other teams: recordings by hand, and judging them."""

from dataclasses import replace
from pathlib import Path

import pytest
import voicegate.testing
from voicegate.judge.registry import CRITERIA
from voicegate.testing import (
    MB,
    Limits,
    MadeUpRun,
    SettingsError,
    Status,
    judge,
    models_per_call,
    read_recording,
    write_recording,
)


def test_healthy_run_passes_everything() -> None:
    """Left as it is, a made-up run meets every criterion."""
    findings = judge(MadeUpRun(conversation=True).recording())
    assert {finding.status for finding in findings.values()} == {Status.PASS}
    assert list(findings) == [criterion.id for criterion in CRITERIA]


@pytest.mark.parametrize(
    ("run", "failed"),
    [
        (MadeUpRun(leak_bytes=5 * MB), "C6"),
        (MadeUpRun(per_call_bytes=150 * MB), "C5"),
        (MadeUpRun(lines=models_per_call), "C3"),
        (MadeUpRun(monitor_factor=0.5), "C8"),
    ],
)
def test_what_is_wrong_is_found(run: MadeUpRun, failed: str) -> None:
    """A run that does one thing wrong fails the criterion for it."""
    assert judge(run.recording())[failed].status is Status.FAIL


def test_limits_are_held_against_the_recording() -> None:
    """A limit that is given goes before the packaged one, on both sides of the measured value."""
    recording = MadeUpRun(per_call_bytes=40 * MB).recording()
    within, beyond = Limits(extra_connection_bytes=50 * MB), Limits(extra_connection_bytes=39 * MB)
    assert judge(recording, limits=within)["C5"].status is Status.PASS
    assert judge(recording, limits=beyond)["C5"].status is Status.FAIL


def test_gate_file_is_held_against_the_recording(tmp_path: Path) -> None:
    """A gate file gives limits and choice of criteria; limits that are given as well go before it."""
    gate = tmp_path / "gate.toml"
    gate.write_text('[limits]\nextra_connection_bytes = 39_000_000\n[criteria]\noff = ["C8"]\n')
    recording = MadeUpRun(per_call_bytes=40 * MB).recording()
    findings = judge(recording, gate=gate)
    assert (findings["C5"].status, findings["C8"].status) == (Status.FAIL, Status.NOT_RUN)
    findings = judge(recording, limits=Limits(), gate=gate)
    assert (findings["C5"].status, findings["C8"].status) == (Status.PASS, Status.NOT_RUN)


def test_mistake_in_the_gate_file_names_its_line(tmp_path: Path) -> None:
    """A key that does not exist is an error with file and line."""
    gate = tmp_path / "gate.toml"
    gate.write_text("[limits]\nextra_bytes = 1\n")
    with pytest.raises(SettingsError, match=r"gate\.toml:2"):
        judge(MadeUpRun().recording(), gate=gate)


def test_recording_is_changed_by_replacing(tmp_path: Path) -> None:
    """Events are plain values: a turn without a transcript fails G2, also after writing and reading the file."""
    recording = MadeUpRun().recording()
    turns = tuple(replace(turn, transcript="something else") for turn in recording.turns)
    path = write_recording(replace(recording, turns=turns), tmp_path / "recording.jsonl")
    assert judge(read_recording(path))["G2"].status is Status.FAIL


def test_written_and_read_it_is_the_same(tmp_path: Path) -> None:
    """A file has all that a recording has: findings are the same."""
    recording = MadeUpRun(leak_bytes=5 * MB).recording()
    path = write_recording(recording, tmp_path / "recording.jsonl")
    assert list(judge(read_recording(path)).values()) == list(judge(recording).values())


@pytest.mark.parametrize("name", voicegate.testing.__all__)
def test_everything_public_is_there(name: str) -> None:
    """Each name that the module promises exists and, where it is no plain value, says what it is."""
    thing = getattr(voicegate.testing, name)
    assert isinstance(thing, int) or name == "Lines" or thing.__doc__
