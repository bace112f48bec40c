"""Agents that are each broken in one way: the gate must see it, whatever they print."""

from pathlib import Path

import pytest
from end_to_end.gate_runs import RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.timeout(600)]

MUTANTS = Path(__file__).parents[1] / "mutants"


@pytest.mark.parametrize("same_id", ["", "1"], ids=["own ids", "equal ids"])
def test_a_model_per_call_is_seen(run_gate: RunGate, same_id: str) -> None:
    """Models loaded in every call fail reuse, identity and the cost of a call, also when all ids are equal."""
    run = run_gate(
        "verify", "--gate", str(MUTANTS / "model_per_call.toml"), "--scenario", "short",
        environment={"MUTANT_SAME_ID": same_id},
    )  # fmt: skip
    assert run.exit_code == 1, run.terminal
    assert {"C2", "C3", "C5"} <= run.failed
    assert "C1" in run.with_status("pass"), "the log of the first call looks right: that is the trap"


def test_a_silent_monitor_is_seen(run_gate: RunGate) -> None:
    """An agent that never reports its memory fails that criterion and no other."""
    run = run_gate("verify", "--gate", str(MUTANTS / "monitor_silent.toml"), "--scenario", "monitor",
                   "--profile", "micro")  # fmt: skip
    assert run.exit_code == 1, run.terminal
    assert run.failed == {"C8"}
