"""A search for the capacity of the agent of this project, as people run it."""

import json

import pytest
from end_to_end.gate_runs import RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]


def test_a_call_holds_with_the_small_models(run_gate: RunGate) -> None:
    """The answer comes first, and nothing is left running; how levels follow each other is tested without calls."""
    run = run_gate(
        *("capacity", "--profile", "micro", "--isolation", "thread"),
        *("--most-calls", "1", "--level-time", "5s"),
    )
    assert run.exit_code == 0, run.terminal
    assert "thread: 1 call holds, more were not tried" in run.terminal
    folder = run.out / "latest"
    found = json.loads((folder / "capacity.json").read_text(encoding="utf-8"))
    (result,) = found["results"]
    assert [(level["calls"], level["held"]) for level in result["levels"]] == [(1, True)]
    for level in result["levels"]:
        assert level["turns"] >= 1
        assert sum(level["agent_cores"].values()) > 0
        assert {"callers", "livekit-server", "gate", "elsewhere"} == set(level["other_cores"])
    assert (folder / "thread" / "level-01" / "locust.html").is_file()
    assert "1 call holds" in (folder / "summary.md").read_text(encoding="utf-8")
