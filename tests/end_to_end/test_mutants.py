"""One agent that is broken in one way, through the whole of `prove`; `nox -s prove` runs them all."""

import json
from pathlib import Path

import pytest
from end_to_end.gate_runs import RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

MUTANTS = Path(__file__).parents[1] / "mutants" / "alone.toml"


def test_a_silent_monitor_is_caught(run_gate: RunGate) -> None:
    """The mutant fails its criterion and no other: the proof passes, and its report leads to the mutant's own."""
    run = run_gate("prove", str(MUTANTS), "--only", "monitor-silent")
    assert run.exit_code == 0, run.terminal
    assert "PASS: 1 as expected" in run.terminal
    folder = run.out / "latest"
    (mutant,) = json.loads((folder / "prove.json").read_text(encoding="utf-8"))["mutants"]
    assert mutant["outcome"] == "expected"
    failed = {id_ for id_, status in mutant["statuses"].items() if status == "fail"}
    assert failed == {"C8-monitor"}
    own = (folder / mutant["report"]).parent
    assert json.loads((own / "verdict.json").read_text(encoding="utf-8"))["verdict"] == "fail"
    assert f'href="{mutant["report"]}"' in (folder / "report.html").read_text(encoding="utf-8")
