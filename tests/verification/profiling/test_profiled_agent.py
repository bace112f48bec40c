"""How an agent is asked to record itself, and what is refused before anything runs."""

import importlib.util
from pathlib import Path

import pytest
from our_agent import our_settings
from voicegate.profiling.profiled_agent import as_profiled, check_can_profile
from voicegate.settings import GateSettings, SettingsError, load_settings


def settings(tmp_path: Path, text: str) -> GateSettings:
    """Read a gate file."""
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, {})


def test_our_agent_is_told_the_folder() -> None:
    """By the variable that it knows; the rest of its environment stays."""
    asked = as_profiled(our_settings(), Path("/runs/captures"))
    environment = asked.agent_environment()
    assert environment["VOICEGATE_MEMRAY_DIR"] == "/runs/captures"
    assert environment["VOICEGATE_PROFILE"] == "rehearsal"
    assert asked.agent.command == our_settings().agent.command


def test_a_command_of_its_own_is_taken(tmp_path: Path) -> None:
    """With the folder and the interpreter in it: an agent that knows nothing of memray can be run under it."""
    own = settings(
        tmp_path,
        '[agent]\ncommand = ["x"]\n[profile]\ncommand = ["{python}", "-m", "memray", "-o", "{folder}/main.bin"]\n',
    )
    command = as_profiled(own, Path("/c")).agent.command
    assert command == ("{python}", "-m", "memray", "-o", "/c/main.bin")


def test_nothing_of_a_verdict_is_prepared() -> None:
    """No variants follow, and nobody listens to the replies."""
    asked = as_profiled(our_settings(), Path("/c"))
    assert (asked.variants.forced_gc, asked.variants.unshared, asked.recognizer) == (None, None, None)


def test_a_profile_needs_a_section(tmp_path: Path) -> None:
    """Another agent's file has none of ours; the message says where to write it."""
    own = settings(tmp_path, '[agent]\ncommand = ["x"]\n')
    with pytest.raises(SettingsError, match=r"gate\.toml.*profile: missing: \[profile\] says how"):
        check_can_profile(own)


def test_a_running_agent_cannot_be_profiled(tmp_path: Path) -> None:
    """It would have to be started anew."""
    own = settings(tmp_path, "[agent]\nrunning = true\n")
    with pytest.raises(SettingsError, match="this one runs already"):
        check_can_profile(own)


def test_a_gate_without_memray_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the agent is started for minutes."""
    monkeypatch.setattr("voicegate.profiling.profiled_agent.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="pip install memray"):
        check_can_profile(our_settings())


def test_our_agent_can_be_profiled() -> None:
    """Where memray is installed."""
    assert importlib.util.find_spec("memray")
    check_can_profile(our_settings())
