"""Reading gate files."""

import sys
from pathlib import Path

import pytest

from verification.settings import DEFAULT_GATE, SettingsError, load_settings


def gate(folder: Path, text: str) -> Path:
    """Write a gate file."""
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_file_is_complete() -> None:
    """Without a file of one's own, this project's agent is judged with full-size models."""
    settings = load_settings(environ={})

    assert settings.path == DEFAULT_GATE
    assert settings.agent.command == ("{python}", "-m", "agent", "start")
    assert settings.agent.profile == "rehearsal"
    assert settings.recognizer is not None
    assert settings.recognizer.model == DEFAULT_GATE.parents[1] / "agent/models/micro"
    assert [rule.role for rule in settings.roles] == ["model-host", "job", "job"]


def test_what_a_file_leaves_out_keeps_its_default(tmp_path: Path) -> None:
    """One changed limit changes nothing else, not even in its section."""
    default = load_settings(environ={})
    settings = load_settings(gate(tmp_path, "[limits]\ntotal_bytes = 1000\n[agent]\nprofile = 'micro'\n"), {})

    assert settings.limits.total_bytes == 1000
    assert settings.limits.total_calls == default.limits.total_calls
    assert settings.agent.profile == "micro"
    assert settings.agent.prepare == default.agent.prepare
    assert settings.recognizer == default.recognizer


def test_another_agent_inherits_nothing_from_ours(tmp_path: Path) -> None:
    """A file with a command of its own does not run this project's preparation or carry its variables."""
    settings = load_settings(gate(tmp_path, "[agent]\ncommand = ['other-agent']\n"), {})

    assert settings.agent.command == ("other-agent",)
    assert settings.agent.prepare == ()
    assert settings.agent.env == {}
    assert settings.agent.profile == "unknown"


def test_changes_are_laid_over_the_file_at_every_depth(tmp_path: Path) -> None:
    """The later change wins; a command among them does not make it another agent."""
    path = gate(tmp_path, "[agent]\nprofile = 'micro'\n")
    first = {"agent": {"command": ["broken"], "env": {"A": "1", "B": "1"}}}
    settings = load_settings(path, {}, [first, {"agent": {"env": {"B": "2"}}}])

    assert settings.agent.command == ("broken",)
    assert settings.agent.profile == "micro"
    assert settings.agent.env.items() >= {"A": "1", "B": "2", "VOICEGATE_LOG_FORMAT": "json"}.items()
    assert settings.agent.prepare == load_settings(environ={}).agent.prepare


def test_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    """A model folder beside the gate file is found from anywhere."""
    settings = load_settings(gate(tmp_path, "[recognizer]\nmodel = 'ears'\n"), {})

    assert settings.recognizer is not None
    assert settings.recognizer.model == tmp_path / "ears"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[agent]\ncomand = ['x']\n", r"gate\.toml: agent\.comand: unknown key; known here: .*command"),
        ("[agnt]\n", r"gate\.toml: agnt: unknown key; known here: acts, agent, "),
        ("[limits]\ntotal_bytes = -1\n", r"gate\.toml: limits\.total_bytes: .*greater than 0"),
        ("[agent]\nready_pattern = '('\n", r"gate\.toml: agent\.ready_pattern: .*not a regular expression"),
        ("[[roles]]\nrole = 'boss'\ncommand = 'x'\n", r"gate\.toml: roles\.0\.role: .*'model-host'"),
        ("[log]\nasr_reusing = 'again'\n", r"gate\.toml: log\.asr_reusing: .*\(\?P<id>"),
        ("[agent]\ncommand = []\n", r"gate\.toml: agent\.command: .*at least 1"),
        ("livekit = 3\n", r"gate\.toml: livekit: "),
        ("= 3\n", r"gate\.toml: not valid TOML: .*line 1"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    """Whoever reads the message knows where to look and what would be right."""
    with pytest.raises(SettingsError, match=message):
        load_settings(gate(tmp_path, text), {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(SettingsError, match=r"absent\.toml: cannot read"):
        load_settings(tmp_path / "absent.toml", {})


def test_livekit_url_in_the_environment_goes_first(tmp_path: Path) -> None:
    """The address and the keys come together, and the secret is not shown."""
    environ = {"LIVEKIT_URL": "ws://host:1", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "hush"}
    settings = load_settings(gate(tmp_path, "[livekit]\nurl = 'ws://file:2'\n"), environ)

    assert settings.livekit.url == "ws://host:1"
    assert settings.livekit.api_secret is not None
    assert settings.livekit.api_secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


def test_command_line_choices_reach_the_agent() -> None:
    """Profile and isolation end in the agent's environment, the rest of which is inherited."""
    settings = load_settings(environ={"PATH": "/bin"}).changed(isolation="thread", scenario="short")

    assert settings.agent.isolation == "thread"
    assert settings.agent.profile == "rehearsal"
    assert settings.scenario.name == "short"
    assert settings.agent_environment() == {
        "PATH": "/bin",
        "VOICEGATE_PROFILE": "rehearsal",
        "VOICEGATE_ISOLATION": "thread",
        "VOICEGATE_LOG_FORMAT": "json",
    }


def test_placeholders_are_expanded_anywhere_in_a_word() -> None:
    """`{python}` is the interpreter that runs the gate."""
    assert load_settings(environ={}).agent.expand("{python}-{profile}") == f"{sys.executable}-rehearsal"
