"""Profiles of real agents: the line that leaks is named, whoever's agent it is in."""

import json
from pathlib import Path
from typing import Any

import pytest
from end_to_end.gate_runs import GateRun, RunGate

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).parents[2]
MUTANT = """
[agent]
profile = "micro"
isolation = "process"
command = ["{{python}}", "-m", "mutants.together", "start"]
working_directory = "{repository}"
ready_timeout_s = 120

[agent.env]
VOICEGATE_PROFILE = "micro"
VOICEGATE_ISOLATION = "process"
MUTANT_FAULTS = "host:keeps_audio call:buffers_per_call"
VOICEGATE_LOG_FORMAT = "json"
PYTHONPATH = "tests"

[profile]
env = {{ VOICEGATE_MEMRAY_DIR = "{{folder}}" }}
"""


def roles_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Read what a profile says of each role."""
    profile = json.loads((folder / "profile.json").read_text(encoding="utf-8"))
    assert (profile["outcome"], profile["failed_calls"], profile["unreadable"]) == ("complete", 0, [])
    return {role["role"]: role for role in profile["roles"]}


def check_whole(roles: dict[str, dict[str, Any]], run: GateRun) -> None:
    """See that every process ended its capture in order, and has its flame graphs."""
    problems = [one["problem"] for role in roles.values() for one in role["processes"] if one["problem"]]
    assert problems == [], run.terminal
    assert all(set(role["flame_graphs"]) == {"at the peak", "never freed"} for role in roles.values())


def test_each_process_of_an_agent_has_its_lines(run_gate: RunGate, tmp_path: Path) -> None:
    """What each call takes for itself is found at the line that takes it, and what the host keeps of each call at the line that keeps it.

    That a verdict which failed on memory leads there is shown without calls, in test_workflow.py of the profiles and test_main.py.
    """
    gate = tmp_path / "gate.toml"
    gate.write_text(MUTANT.format(repository=REPOSITORY), encoding="utf-8")
    run = run_gate("profile", "--gate", str(gate), "--scenario", "pair")
    assert run.exit_code == 0, run.terminal
    folder = run.out / "latest"
    assert (folder / "report.html").is_file()
    roles = roles_of(folder)
    check_whole(roles, run)
    assert set(roles) == {"main", "job", "model-host"}

    job = roles["job"]
    assert (job["lasting"], job["calls"], job["counted"]) == (False, 2, 2), (
        "each call has a process of its own"
    )
    taken = job["at_peak"][0]
    assert taken["bytes"] == pytest.approx(150_000_000, rel=0.02)
    assert taken["stack"][0]["file"].endswith("mutants/buffers_per_call.py")

    grown = {
        one["stack"][0]["function"]: one["bytes"] for one in roles["model-host"]["grown"] if one["stack"]
    }
    assert grown["transcribe_and_keep"] == pytest.approx(5_000_000, rel=0.02)


def test_somebody_elses_agent_runs_under_memray_itself(run_gate: RunGate) -> None:
    """An agent that knows nothing of memray: its gate file starts it by memray's own command."""
    gate = REPOSITORY / "tests" / "foreign_agents" / "leaky_threads.toml"
    run = run_gate("profile", "--gate", str(gate), "--scenario", "pair")
    assert run.exit_code == 0, run.terminal
    roles = roles_of(run.out / "latest")
    check_whole(roles, run)
    assert set(roles) == {"main"}
    tape = roles["main"]["grown"][0]
    assert tape["bytes"] == pytest.approx(20_000_000, rel=0.02)
    assert any(frame["file"].endswith("leaky_threads.py") for frame in tape["stack"])
