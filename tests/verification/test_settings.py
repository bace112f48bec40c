"""Reading gate files."""

import sys
from pathlib import Path

import pytest
from our_agent import AGENT_GATE, EXTENDS_OURS, our_settings
from voicegate.settings import DEFAULTS, SettingsError, VariantsSection, load_settings


def gate(folder: Path, text: str) -> Path:
    """Write a gate file."""
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_our_agents_file_is_complete() -> None:
    """This project's agent is judged with full-size models, over the packaged defaults."""
    settings = our_settings()

    assert settings.path == AGENT_GATE
    assert settings.agent.command == ("{python}", "-m", "voicegate_agent", "start")
    assert settings.agent.profile == "rehearsal"
    assert settings.recognizer is not None
    assert settings.recognizer.model == (DEFAULTS.parent / "record" / "recognizer_model").resolve()
    assert [rule.role for rule in settings.roles] == ["model-host", "job", "job"]


def test_what_a_file_leaves_out_keeps_its_default(tmp_path: Path) -> None:
    """One changed limit changes nothing else, not even in its section."""
    default = our_settings()
    text = f"{EXTENDS_OURS}[limits]\ntotal_bytes = 1000\n[agent]\nprofile = 'micro'\n"
    settings = load_settings(gate(tmp_path, text), {})

    assert settings.limits.total_bytes == 1000
    assert settings.limits.total_calls == default.limits.total_calls
    assert settings.agent.profile == "micro"
    assert settings.agent.prepare == default.agent.prepare
    assert settings.recognizer == default.recognizer


def test_the_defaults_name_no_agent(tmp_path: Path) -> None:
    """They are enough to judge a recording by; another agent's file carries nothing of ours."""
    settings = load_settings(DEFAULTS, {})
    assert not settings.agent.named
    assert not settings.agent.attached
    other = load_settings(gate(tmp_path, "[agent]\ncommand = ['other-agent']\n"), {})

    assert other.agent.command == ("other-agent",)
    assert other.agent.prepare == ()
    assert other.agent.env == {}
    assert other.profile is None
    assert other.agent.profile == "unknown"


def test_the_file_in_this_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`gate.toml`, where no file is named; the defaults where there is none."""
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={}).path == DEFAULTS.resolve()
    path = gate(tmp_path, "[agent]\nrunning = true\n")
    assert load_settings(environ={}).path == path


def test_a_file_may_extend_another(tmp_path: Path) -> None:
    """Key by key, over as many files as there are; a mistake is named with the file and line where it stands."""
    (tmp_path / "a.toml").write_text("[agent]\ncommand = ['a']\n[limits]\ntotal_calls = 2\ncall_wer = 0.3\n")
    (tmp_path / "b.toml").write_text("extends = 'a.toml'\n[limits]\ntotal_calls = 4\n")
    settings = load_settings(gate(tmp_path, "extends = 'b.toml'\n[limits]\ngap_s = 0.4\n"), {})

    assert settings.agent.command == ("a",)
    limits = settings.limits
    assert (limits.total_calls, limits.call_wer, limits.gap_s) == (4, 0.3, 0.4)
    (tmp_path / "a.toml").write_text("[agent]\ncomand = ['a']\n")
    with pytest.raises(SettingsError, match=r"a\.toml:2: agent\.comand: unknown key"):
        load_settings(tmp_path / "gate.toml", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends = 3\n", r"gate\.toml:1: extends: expected the path of a gate file, found 3"),
        ("extends = 'absent.toml'\n", r"absent\.toml: cannot read the gate file"),
        ("extends = 'gate.toml'\n", r"gate\.toml:1: extends: .* extends this file"),
    ],
)
def test_what_cannot_be_extended_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """A file that is not there, that is no file, or that leads back to this one."""
    with pytest.raises(SettingsError, match=message):
        load_settings(gate(tmp_path, text), {})


def test_changes_are_laid_over_the_file_at_every_depth(tmp_path: Path) -> None:
    """The later change wins; a command among them does not make it another agent."""
    path = gate(tmp_path, f"{EXTENDS_OURS}[agent]\nprofile = 'micro'\n")
    first = {"agent": {"command": ["broken"], "env": {"A": "1", "B": "1"}}}
    settings = load_settings(path, {}, [first, {"agent": {"env": {"B": "2"}}}])

    assert settings.agent.command == ("broken",)
    assert settings.agent.profile == "micro"
    assert settings.agent.env.items() >= {"A": "1", "B": "2", "VOICEGATE_LOG_FORMAT": "json"}.items()
    assert settings.agent.prepare == our_settings().agent.prepare


def test_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    """A model folder beside the gate file is found from anywhere."""
    settings = load_settings(gate(tmp_path, "[recognizer]\nmodel = 'ears'\n"), {})

    assert settings.recognizer is not None
    assert settings.recognizer.model == tmp_path / "ears"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[agent]\ncomand = ['x']\n", r":2: agent\.comand: unknown key; did you mean command\? known here: .*pid_file"),
        ("\n[agnt]\n", r":2: agnt: unknown key; did you mean agent\? known here: agent, criteria, .*variants$"),
        ("x = 1\n", r":1: x: unknown key; known here: agent"),
        ("[limits]\n# low\ntotal_bytes = -1\n", r":3: limits\.total_bytes: .*greater than 0; found -1$"),
        ("[agent]\ncommand = ['x']\n[profile]\nenv = { A = 'b' }\n", r":4: profile\.env: neither env nor command tells the"),
        ("[limits]\nconfidence = 0.9\n",
         r":2: limits\.confidence: this can no longer be set: every interval is one of 95 %\. Take the key out$"),
        ("[limits]\nhold_up_s = 0.3\n", r":2: limits\.hold_up_s: this key has a new name: write stall_s$"),
        ("\n[acts.unshared]\n", r":2: acts: this key has a new name: write variants$"),
        ("[limits]\ntotal_bytes = 'much'\n", r":2: limits\.total_bytes: .*valid integer.*; found 'much'$"),
        ("[limits]\nmonitor_high_bytes = 5\n", r":1: limits: monitor_warning_bytes must be below"),
        ("[agent]\nready_pattern = '('\n", r":2: agent\.ready_pattern: not a regular expression"),
        ("[[roles]]\nrole = 'job'\ncommand = 'x'\n[[roles]]\nrole = 'boss'\ncommand = 'x'\n",
         r":5: roles\.1\.role: .*'model-host'.*; found 'boss'$"),
        ("[[roles]]\nrole = 'job'\nparents = 'x'\n", r":3: roles\.0\.parents: unknown key; did you mean parent\?"),
        ("[[roles]]\nrole = 'job'\n", r":1: roles\.0\.command: Field required"),
        ("[variants.forced_gc]\nenvv = {}\n",
         r":2: variants\.forced_gc\.envv: unknown key; did you mean env\? known here: command, env$"),
        ("[variants.forced]\n",
         r":1: variants\.forced: unknown key; did you mean forced_gc\? known here: forced_gc, unshared$"),
        ("[variants]\nunshared.env.X = 3\n", r":2: variants\.unshared\.env\.X: .*valid string; found 3$"),
        ("[log]\nmemory_high = 'again'\n", r":2: log\.memory_high: must capture \(\?P<megabytes>"),
        ("[log_lines]\ntext = '^.*$'\n", r":2: log_lines\.text: must capture \(\?P<message>"),
        ("[log_lines]\ntext = '(?P<lvl>.)(?P<message>.*)'\n",
         r":2: log_lines\.text: captures lvl; known groups: message, level"),
        ("[log_lines]\ntext = '(?P<message>'\n", r":2: log_lines\.text: not a regular expression"),
        ("[agent]\ncommand = []\n", r":2: agent\.command: .*at least 1"),
        ("[agent]\ncommand = 'x'\n", r":2: agent\.command: .*valid tuple; found 'x'$"),
        ("[agent]\ncommand = ['x']\npid = 7\n", r":3: agent\.pid: give exactly one of .*; found command and pid$"),
        ("[agent]\npid = -7\n", r":2: agent\.pid: .*greater than 0"),
        ("[agent]\npid = 7\nenv = { A = 'b' }\n", r":3: agent\.env: has no effect with pid"),
        ("[agent]\nrunning = true\nready_pattern = 'x'\n", r":3: agent\.ready_pattern: has no effect with running"),
        ("[agent]\npid = 7\nlog = 'stdout'\n", r':3: agent\.log: .*expected "file" or "none"'),
        ("[agent]\ncommand = ['x']\nlog = 'file'\n", r":1: agent\.log_file: missing"),
        ("[agent]\ncommand = ['x']\nlog_file = 'y'\n", r':3: agent\.log_file: needs log = "file"; log is "stdout"$'),
        ("[agent]\ncommand = ['x']\nlog = 'syslog'\n",
         r":3: agent\.log: .*'stdout', 'file' or 'none'; found 'syslog'$"),
        ("[agent]\npid = 7\n[variants.unshared]\n", r":3: variants: a variant starts the agent anew"),
        ("[agent]\npid = 7\n[log]\nasr_reusing = ''\n", r":3: log: has no effect"),
        ("[criteria]\noff = ['C5']\non = ['C6']\n", r":3: criteria\.on: give either off or on"),
        ("[livekit]\nurl = 'localhost'\n", r":2: livekit\.url: not an address such as ws://"),
        ("livekit = 3\n", r":1: livekit: .*; found 3$"),
        ("[livekit]\napi_secret = 3\n", r":2: livekit\.api_secret: Input should be a valid string$"),
        ("a = 1\n= 3\n", r":2: not valid TOML: "),
        ("a = 1\nb = '''", r":2: not valid TOML: "),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    """Whoever reads the message knows where to look and what would be right."""
    with pytest.raises(SettingsError, match=r"gate\.toml" + message):
        load_settings(gate(tmp_path, text), {})


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """One run of the gate shows them all."""
    text = "[scenario]\nname = 'long'\n[agent]\npid = 'x'\n[limits]\ntotal = 3\n"
    with pytest.raises(SettingsError, match=r"(?s):2: scenario.*:4: agent\.pid.*:6: limits\.total"):
        load_settings(gate(tmp_path, text), {})


@pytest.mark.parametrize("way", ["pid = 7", "pid_file = 'agent.pid'", "running = true"])
def test_an_agent_that_runs_already_inherits_nothing_from_ours(tmp_path: Path, way: str) -> None:
    """It is neither prepared nor started; without a log file of it there is no log, and no line to wait for."""
    settings = load_settings(gate(tmp_path, f"[agent]\n{way}\n"), {})

    assert settings.agent.attached
    assert settings.agent.watched == ("running" not in way)
    assert (settings.agent.command, settings.agent.prepare) == ((), ())
    assert settings.variants == VariantsSection()
    assert settings.agent.log_source == "none"
    assert not settings.log.names_models
    assert not settings.log.reports_memory


def test_a_log_file_is_beside_the_gate_file(tmp_path: Path) -> None:
    """It is followed whether the agent is started or not; the contract stays."""
    for way in ("pid = 7", "command = ['x']"):
        settings = load_settings(gate(tmp_path, f"[agent]\n{way}\nlog = 'file'\nlog_file = 'a.log'\n"), {})
        assert settings.agent.log_file == tmp_path / "a.log"
        assert settings.log.reports_memory


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
    settings = our_settings({"PATH": "/bin"}).changed(isolation="thread", scenario="short")

    assert settings.agent.isolation == "thread"
    assert settings.agent.profile == "rehearsal"
    assert settings.scenario.name == "short"
    assert settings.agent_environment() == {
        "PATH": "/bin",
        "VOICEGATE_PROFILE": "rehearsal",
        "VOICEGATE_ISOLATION": "thread",
        "VOICEGATE_LOG_FORMAT": "json",
        "VOICEGATE_ASK_AFTER_S": "600",
        "VOICEGATE_CAPACITY": "64",
    }


def test_placeholders_are_expanded_anywhere_in_a_word() -> None:
    """`{python}` is the interpreter that runs the gate."""
    assert our_settings().agent.expand("{python}-{profile}") == f"{sys.executable}-rehearsal"
