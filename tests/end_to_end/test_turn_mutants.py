"""Agents that take turns badly: a real call with two of them, through the whole of `prove`; `voicegate prove tests/mutants/turns.toml` has all."""

import json
from pathlib import Path

import pytest
from end_to_end.gate_runs import RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

MUTANTS = Path(__file__).parents[1] / "mutants" / "turns.toml"


@pytest.mark.parametrize(
    ("name", "fails"),
    [
        ("takes-turns", set()),
        ("never-stops", {"T2-barge-in"}),
    ],
)
def test_each_is_caught_by_its_criterion(run_gate: RunGate, name: str, fails: set[str]) -> None:
    """In one scripted call, and by no other of those that our agent itself passes."""
    run = run_gate("prove", str(MUTANTS), "--only", name)
    assert run.exit_code == 0, run.terminal
    (mutant,) = json.loads((run.out / "latest" / "prove.json").read_text(encoding="utf-8"))["mutants"]
    assert {id_ for id_, status in mutant["statuses"].items() if status == "fail"} == fails
