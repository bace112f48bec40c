"""Tests of our gate file, without an agent: it fails what it should fail, and nothing else."""

from pathlib import Path

from voicegate.testing import MB, MadeUpRun, Status, judge

GATE = Path(__file__).with_name("gate.toml")


def test_healthy_agent_passes() -> None:
    """An agent that does nothing wrong passes."""
    assert judge(MadeUpRun().recording(), gate=GATE).overall is Status.PASS


def test_large_agent_fails() -> None:
    """An agent of 2.5 GB is too large for our machines, though not for the packaged limit."""
    large = MadeUpRun(base_bytes=1_500 * MB).recording()
    assert judge(large, gate=GATE)["C7"].status is Status.FAIL
    assert judge(large)["C7"].status is Status.PASS
