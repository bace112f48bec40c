"""The command line: exit codes, help, and what `models` prints."""

import json
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from voicegate_agent.__main__ import EXIT_FAILED, EXIT_NO_MODELS, EXIT_OK, EXIT_USAGE, main
from voicegate_agent.settings import AgentSettings, variable


@pytest.fixture(autouse=True)
def no_variables(clean_environment: None) -> None:
    """Start from an environment that sets nothing."""


def test_exit_codes_are_those_of_the_documentation() -> None:
    """Scripts depend on them."""
    assert (EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_NO_MODELS) == (0, 1, 2, 3)


def test_help_teaches_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` lists each variable, an example and the exit codes."""
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    assert all(variable(field) in text for field in AgentSettings.model_fields)
    assert "examples:" in text
    assert "exit codes:" in text


def test_bad_setting_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the variable; nothing is started."""
    monkeypatch.setenv("VOICEGATE_CAPACITY", "many")
    assert main(["models"]) == EXIT_USAGE
    assert "VOICEGATE_CAPACITY is 'many'" in capsys.readouterr().err


def test_start_without_livekit_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is listed at once."""
    monkeypatch.setenv("LIVEKIT_URL", "ws://127.0.0.1:7880")
    assert main([]) == EXIT_USAGE
    assert "LIVEKIT_API_KEY, LIVEKIT_API_SECRET not set" in capsys.readouterr().err


def test_missing_models_have_their_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A process manager can tell them from a bad setting."""
    monkeypatch.setenv("VOICEGATE_ASR_MODEL", str(tmp_path / "nowhere"))
    assert main(["models"]) == EXIT_NO_MODELS
    assert "VOICEGATE_ASR_MODEL" in capsys.readouterr().err


def test_gate_prints_a_file_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, so that a shell can put it behind `--gate`."""
    assert main(["gate"]) == EXIT_OK
    (line,) = capsys.readouterr().out.splitlines()
    assert tomllib.loads(Path(line).read_text(encoding="utf-8"))["agent"]["command"]


def test_help_imports_no_model_and_no_livekit() -> None:
    """It comes at once, and also where the agent itself cannot start."""
    slow = ("numpy", "livekit", "onnxruntime", "ctranslate2", "faster_whisper", "piper", "aiohttp", "av")
    program = f"""
import sys
from voicegate_agent.__main__ import main
try:
    main(["--help"])
finally:
    print(*[name for name in {slow!r} if name in sys.modules], sep=",")
"""
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == ""


def test_unknown_command_is_a_usage_error() -> None:
    """As with any program."""
    with pytest.raises(SystemExit) as stop:
        main(["sing"])
    assert stop.value.code == EXIT_USAGE


def test_models_are_listed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is one JSON object, whatever progress says on standard error."""
    assert main(["models", "--json"]) == EXIT_OK
    listed = json.loads(capsys.readouterr().out)
    assert listed["profile"] == "micro"
    assert {Path(file["path"]).name for file in listed["files"]} >= {"model.bin", "voice.onnx"}
    weights = [file["bytes"] for file in listed["files"] if Path(file["path"]).suffix in (".bin", ".onnx")]
    assert listed["weights_bytes"] == sum(weights)


def test_models_are_listed_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Each file with size and hash, and the sum."""
    assert main(["models"]) == EXIT_OK
    assert "bytes of weights in the profile micro" in capsys.readouterr().out


def test_a_preparation_that_is_told_to_stop_cleans_up() -> None:
    """SIGTERM ends it as an exception does: a download that runs ends with it, half a folder goes."""
    code = """
import os, signal
from types import SimpleNamespace
from voicegate_agent.__main__ import models
from voicegate_agent.models import profiles

def resolve(*_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    finally:
        print("cleaned up")

profiles.resolve = resolve
models(None, SimpleNamespace(check=False))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "cleaned up\n")


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """For scripts that only want the exit code."""
    assert main(["models", "--quiet"]) == EXIT_OK
    assert capsys.readouterr().out == ""


def test_check_lists_what_models_would_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nothing is made: the cache stays as empty as it was."""
    monkeypatch.setenv("VOICEGATE_PROFILE", "rehearsal")
    monkeypatch.setenv("VOICEGATE_CACHE_DIR", str(tmp_path))
    assert main(["models", "--check", "--json"]) == EXIT_OK
    listed = json.loads(capsys.readouterr().out)
    states = {Path(file["path"]).name: file["state"] for file in listed["files"]}
    assert (states["model.bin"], states["voice.onnx"]) == ("generate", "ready")
    assert listed["weights_bytes"] > 700_000_000
    assert main(["models", "--check"]) == EXIT_OK
    assert "generate    767,577,465  " in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_check_refuses_what_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A folder of one's own without a model is said to be so, with the exit code of missing models."""
    monkeypatch.setenv("VOICEGATE_ASR_MODEL", str(tmp_path))
    assert main(["models", "--check", "--quiet"]) == EXIT_NO_MODELS
    assert f"{tmp_path / 'model.bin'} is missing" in capsys.readouterr().err
