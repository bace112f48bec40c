"""Looking at an agent's command: what is missing, what its interpreter lacks, and what runs elsewhere."""

import sys
from pathlib import Path

import pytest
from voicegate.__main__ import run
from voicegate.doctor.agent import CLIENTS, agent_facts
from voicegate.doctor.facts import AgentFacts
from voicegate.exit_codes import ExitCode
from voicegate.settings import load_settings


async def facts_of(folder: Path, command: str, more: str = "", path: str = "/usr/bin:/bin") -> AgentFacts:
    """Look at an agent with this command in a gate file in this folder."""
    gate = folder / "gate.toml"
    gate.write_text(f"[agent]\ncommand = {command}\nworking_directory = '.'\n{more}")
    facts = await agent_facts(load_settings(gate, {"PATH": path}))
    assert facts is not None
    return facts


def program(path: Path, script: str) -> Path:
    """Write a program that the shell runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


async def test_the_own_interpreter_of_an_agent_is_asked_in_its_folder(tmp_path: Path) -> None:
    """A relative path is taken from the agent's folder, as it is when the agent is started."""
    python = program(tmp_path / ".venv" / "bin" / "python", f'echo "$@" > asked\nexec {sys.executable} "$@"')
    (tmp_path / "agent.py").write_text("raise SystemExit('nobody runs me')")
    facts = await facts_of(tmp_path, "['.venv/bin/python', 'agent.py', 'start']")
    assert facts == AgentFacts(".venv/bin/python agent.py start", own_imports=True)
    assert "find_spec" in (tmp_path / "asked").read_text()
    python.unlink()
    assert (await facts_of(tmp_path, "['.venv/bin/python', 'agent.py', 'start']")).missing == (
        ".venv/bin/python",
    )


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo False", "has no livekit.agents"),
        ("echo 'no module named encodings' >&2; exit 1", "ended with 1: no module named encodings"),
        ("exit 3", "ended with 3"),
    ],
)
async def test_an_interpreter_that_cannot_start_an_agent_is_a_problem(
    tmp_path: Path, script: str, problem: str
) -> None:
    """It lacks livekit.agents, or is broken itself."""
    program(tmp_path / "python3.12", script)
    facts = await facts_of(tmp_path, "['./python3.12', '-m', 'my_agent']")
    assert problem in (facts.interpreter_problem or "")


async def test_other_programs_are_not_asked(tmp_path: Path) -> None:
    """Nobody knows what `my-agent -c …` would do."""
    program(tmp_path / "my-agent", "touch asked")
    assert (await facts_of(tmp_path, "['./my-agent', 'start']")).interpreter_problem is None
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_of_something_else_is_known(tmp_path: Path, client: str) -> None:
    """By its name, with or without a path or sudo before it."""
    found = program(tmp_path / "bin" / client, "true")
    program(tmp_path / "bin" / "sudo", "true")
    for command in (f"['{client}', 'run', 'agent']", f"['{found}']", f"['sudo', '{client}', 'up']"):
        assert (await facts_of(tmp_path, command, path=str(tmp_path / "bin"))).client == client


async def test_npm_is_none(tmp_path: Path) -> None:
    """What it starts is among its own processes."""
    program(tmp_path / "npm", "true")
    assert (await facts_of(tmp_path, "['./npm', 'start']")).client is None


def test_without_a_gate_file_the_machine_is_still_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice comes first, the outcome last, and the exit code is 3."""
    monkeypatch.chdir(tmp_path)
    assert run(["doctor"]) is ExitCode.NOT_MEASURED
    first, advice, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("problem gate file")
    assert "voicegate init" in advice
    assert {"python", "processor", "server", "disk"} <= {line[8:20].strip() for line in others}
    assert others[-1].startswith("Not ready: 1 problem")
    (tmp_path / "limits.toml").write_text("[limits]\ntotal_calls = 2\n")
    assert run(["doctor", "--gate", "limits.toml"]) is ExitCode.USAGE
    assert "agent.command: missing" in capsys.readouterr().err
