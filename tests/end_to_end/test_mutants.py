"""An agent that is broken in one way, through the whole of `prove`: one that never stops, in a scripted call; `nox -s prove` and `voicegate prove tests/mutants/turns.toml` run them all."""

import json
from pathlib import Path

import pytest
from end_to_end.gate_runs import RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

MUTANTS = Path(__file__).parents[1] / "mutants" / "turns.toml"


def test_one_that_never_stops_is_caught(run_gate: RunGate) -> None:
    """It fails its criterion and no other of those that our agent itself passes: the proof passes, and its report leads to the mutant's own."""
    run = run_gate("prove", str(MUTANTS), "--only", "never-stops")
    assert run.exit_code == 0, run.terminal
    assert "PASS: 1 as expected" in run.terminal
    folder = run.out / "latest"
    (mutant,) = json.loads((folder / "prove.json").read_text(encoding="utf-8"))["mutants"]
    assert mutant["outcome"] == "expected"
    judged = {id_: status for id_, status in mutant["statuses"].items() if status != "not_run"}
    assert judged == {
        "T2-barge-in": "fail",
        **dict.fromkeys(("T3-keeps-talking", "T6-no-dead-air", "T7-recovers"), "pass"),
    }
    own = (folder / mutant["report"]).parent
    assert json.loads((own / "verdict.json").read_text(encoding="utf-8"))["verdict"] == "fail"
    assert f'href="{mutant["report"]}"' in (folder / "report.html").read_text(encoding="utf-8")
