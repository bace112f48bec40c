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

[criteria]
on = ["C5", "G8"]
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


def test_a_failed_verdict_is_explained(run_gate: RunGate, tmp_path: Path) -> None:
    """What each call takes for itself fails C5, and the report leads to the line that takes it; so it does to the one in the host that keeps 5 MB per call."""
    gate = tmp_path / "gate.toml"
    gate.write_text(MUTANT.format(repository=REPOSITORY), encoding="utf-8")
    run = run_gate("verify", "--gate", str(gate), "--scenario", "pair", "--profile-on-failure")
    assert (run.exit_code, run.failed) == (1, {"C5"}), run.terminal
    links = {one["id"]: one["profile"] for one in run.verdict["criteria"] if one["profile"]}
    assert links == {"C5-extra-connection": "profile/report.html"}
    folder = run.out / "latest" / "profile"
    assert (folder / "report.html").is_file()
    roles = roles_of(folder)
    check_whole(roles, run)
    assert set(roles) == {"main", "job", "model-host"}

    job = roles["job"]
    assert (job["lasting"], job["calls"], job["counted"]) == (False, 8, 8), (
        "each call has a process of its own"
    )
    taken = job["at_peak"][0]
    assert taken["bytes"] == pytest.approx(150_000_000, rel=0.02)
    assert taken["stack"][0]["file"].endswith("mutants/buffers_per_call.py")

    leak = roles["model-host"]["grown"][0]
    assert leak["bytes"] == pytest.approx(5_000_000, rel=0.02)
    assert leak["stack"][0]["function"] == "transcribe_and_keep"


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
