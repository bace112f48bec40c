"""The agent of this project passes."""

import pytest
from end_to_end.gate_runs import RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.alone]


def test_short_scenario_passes(run_gate: RunGate) -> None:
    """Everything that a minute of calls with the small models can show is shown, and nothing is left running.

    The small models are too small for C4. Calls run in threads here; CI judges them in processes by `nox -s verify`, in the full scenario.
    """
    run = run_gate("verify", "--profile", "micro", "--scenario", "short", "--isolation", "thread")
    assert run.exit_code == 0, run.terminal
    assert run.with_status("not_run") == {
        *("C4", "C6", "C8", "G5", "G6", "G9", "G10"),
        *("T2", "T3", "T4", "T5", "T7", "T8"),
    }
    assert run.with_status("pass") == {
        *("C1", "C2", "C3", "C5", "C7"),
        *("G1", "G2", "G3", "G4", "G7", "G8", "G11", "T1", "T6"),
    }
