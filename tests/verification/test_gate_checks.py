"""What is found before anything is started."""

import os
from pathlib import Path

import pytest
from our_agent import our_settings
from voicegate.gate_checks import agent_pid, check_before_run
from voicegate.settings import GateSettings, SettingsError, load_settings

SERVER = {"LIVEKIT_URL": "ws://host:1", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}
GONE = 2**22 + 1  # above the highest PID that Linux gives


def settings(folder: Path, text: str, environ: dict[str, str] = SERVER) -> GateSettings:
    """Read this gate file."""
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environ)


def test_the_packaged_file_is_in_order() -> None:
    """Everything it names is there."""
    check_before_run(our_settings())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[recognizer]\nmodel = 'absent'\n", r":2: recognizer\.model: expected the folder of .*/absent$"),
        ("[recognizer]\nlanguage = 'de'\n", r":2: recognizer\.language: the gate's own recognizer knows no 'de', only English"),
        ("[scenario]\nclips = 'absent'\n", r":2: scenario\.clips: .*no clips\.json in .*/absent$"),
        ("[agent]\nworking_directory = 'absent'\n", r":2: agent\.working_directory: no such folder: .*/absent$"),
        ("[source]\nfiles = [\n'gate.toml',\n'absent.py']\n", r":4: source\.files\.1: no such file: .*/absent\.py$"),
        ("[agent]\npid_file = 'absent'\n", r":2: agent\.pid_file: cannot read the PID file .*/absent"),
        ("[agent]\npid_file = 'gate.toml'\n", r":2: agent\.pid_file: expected a PID in .*, found .\[agent\]"),
        (f"[agent]\npid = {GONE}\n", rf":2: agent\.pid: no process has the PID {GONE}"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(tmp_path: Path, text: str, message: str) -> None:
    """With the place in the file and what was looked for."""
    with pytest.raises(SettingsError, match=r"gate\.toml" + message):
        check_before_run(settings(tmp_path, text))


def test_everything_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    """A line each."""
    text = "[recognizer]\nmodel = 'absent'\n[scenario]\nclips = 'absent'\n"
    with pytest.raises(SettingsError, match=r"(?s)recognizer\.model.*\n.*scenario\.clips"):
        check_before_run(settings(tmp_path, text))


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, r"livekit\.url: missing: an agent that runs already .*LIVEKIT_URL"),
        ({"LIVEKIT_URL": "ws://host:1"}, r"livekit\.api_key: missing"),
    ],
)
def test_an_agent_that_runs_already_needs_its_server(
    tmp_path: Path, environ: dict[str, str], message: str
) -> None:
    """A server of our own would not know it."""
    with pytest.raises(SettingsError, match=message):
        check_before_run(settings(tmp_path, "[agent]\nrunning = true\n", environ))
    check_before_run(settings(tmp_path, "[agent]\nrunning = true\n"))


def test_a_pid_is_found_in_its_file(tmp_path: Path) -> None:
    """With or without a line's end; a started agent has none yet."""
    (tmp_path / "agent.pid").write_text(f"{os.getpid()}\n")

    assert agent_pid(settings(tmp_path, "[agent]\npid_file = 'agent.pid'\n")) == os.getpid()
    assert agent_pid(settings(tmp_path, f"[agent]\npid = {os.getpid()}\n")) == os.getpid()
    assert agent_pid(settings(tmp_path, "[agent]\ncommand = ['x']\n")) is None


def test_a_profiler_in_the_environment_is_refused() -> None:
    """Every agent would inherit the folder of captures, also one that is judged."""
    with pytest.raises(
        SettingsError, match=r"VOICEGATE_MEMRAY_DIR is set in the environment already.*unset it"
    ):
        check_before_run(our_settings({"VOICEGATE_MEMRAY_DIR": "/captures"}))
    check_before_run(our_settings({"VOICEGATE_MEMRAY_DIR": "", "VOICEGATE_MEMRAY_NATIVE": "true"}))
