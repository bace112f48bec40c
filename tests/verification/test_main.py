"""The command line."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.recordings import MB, Run, models_per_call
from fakes.searches import MadeLevel, search_recording
from our_agent import AGENT_GATE
from voicegate.__main__ import run
from voicegate.capacity.search import Search
from voicegate.drive.errors import DriveError
from voicegate.drive.scenario import Scenario, Soak
from voicegate.exit_codes import ExitCode
from voicegate.judge.registry import Rules
from voicegate.progress import Progress
from voicegate.record.events import ASKED
from voicegate.settings import GateSettings
from voicegate.testing import write_recording

pytestmark = pytest.mark.usefixtures("undrawn")

OURS = ("--gate", str(AGENT_GATE))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Write the recording of a healthy agent."""
    return write_recording(Run().recording(), tmp_path / "good.jsonl")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Write the recording of an agent that loads in every call."""
    recording = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
    return write_recording(recording, tmp_path / "broken.jsonl")


def test_judge_and_verify_judge_are_the_same(good: Path, broken: Path, tmp_path: Path) -> None:
    """Both spellings judge an old recording and return 0 or 1."""
    out = ["--out", str(tmp_path / "out")]
    assert run(["judge", str(good), *out]) is ExitCode.PASS
    assert run(["verify", "--judge", str(broken), *out]) is ExitCode.FAIL


def test_selection_narrows_the_verdict(broken: Path, tmp_path: Path) -> None:
    """With -k only what was selected counts."""
    assert run(["judge", str(broken), "-k", "G3", "--out", str(tmp_path / "out")]) is ExitCode.PASS


def test_gate_file_sets_the_limits(good: Path, tmp_path: Path) -> None:
    """A recording is judged by the limits of the gate file."""
    gate = tmp_path / "gate.toml"
    gate.write_text("[limits]\nextra_connection_bytes = 30_000_000\n")
    arguments = ["judge", str(good), "-k", "C5", "--gate", str(gate), "--out", str(tmp_path / "out")]
    assert run(arguments) is ExitCode.FAIL


def test_a_recording_is_judged_as_one_of_its_profile(tmp_path: Path) -> None:
    """Models that are too small for C4 are an ERROR, but for the profiles of which the gate file says so."""
    recording = Run(weights_bytes=9_400_000).recording()
    recording = replace(recording, header=replace(recording.header, profile="micro"))
    path = write_recording(recording, tmp_path / "small.jsonl")
    arguments = ["judge", str(path), "-k", "C4 or C5", "--out", str(tmp_path / "out")]
    assert run(arguments) is ExitCode.NOT_MEASURED
    assert run([*arguments, *OURS]) is ExitCode.PASS


def test_criteria_can_be_turned_off(broken: Path, tmp_path: Path) -> None:
    """What the gate file turns off does not fail, and what it does not know is refused."""
    gate = tmp_path / "gate.toml"
    gate.write_text(
        '[criteria]\noff = ["C2-later-reuse", "C3-same-ids", "C5-extra-connection", "C7-total", "G10-benefit"]\n'
    )
    arguments = ["judge", str(broken), "--gate", str(gate), "--out", str(tmp_path / "out")]
    assert run(arguments) is ExitCode.PASS
    gate.write_text('[criteria]\noff = ["C9"]\n')
    assert run(arguments) is ExitCode.USAGE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["judge", "missing.jsonl"], "missing.jsonl: no such recording"),
        (["judge", "{good}", "-k", "nonsense"], "-k 'nonsense' selects none of the criteria"),
        (["judge", "{good}", "--gate", "missing.toml"], "missing.toml: cannot read the gate file"),
        (["verify", "--scenario", "short"], "or --gate FILE. `voicegate init` writes one for your agent"),
        (["doctor", "--gate", "{good}"], "not valid TOML"),
        (
            ["capacity", *OURS, "--at-least", "9", "--most-calls", "8"],
            "--at-least 9 cannot hold with --most-calls 8",
        ),
    ],
)
def test_wrong_usage_is_said_and_returns_2(
    good: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be meant is refused with one message."""
    assert run([argument.format(good=good) for argument in arguments]) is ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_file_that_is_no_recording_returns_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not a recording cannot be measured, and the message names its line."""
    path = tmp_path / "other.jsonl"
    path.write_text('{"hello": 1}\n')
    assert run(["judge", str(path), "--out", str(tmp_path)]) is ExitCode.NOT_MEASURED
    assert "other.jsonl:1: not a recording" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--no-such-option"],
        ["verify", "--scenario", "endless"],
        ["soak", "--cycles", "0"],
        ["soak", "--for", "2 weeks"],
        ["soak", "--for", "0h"],
        ["soak", "--for", "2h", "--cycles", "5"],
        ["soak", "--scenario", "full"],
        ["verify", "--profile-on-failure", "--judge", "recording.jsonl"],
        ["verify", "--profile-on-failure", "--repeat", "2"],
        ["profile", "-k", "C5"],
        ["capacity", "--most-calls", "0"],
        ["capacity", "--level-time", "60"],
        ["capacity", "-u", "5"],
    ],
)
def test_unknown_options_exit_with_2(arguments: list[str]) -> None:
    """Options that do not exist end in usage, as argparse does it."""
    with pytest.raises(SystemExit) as stopped:
        run(arguments)
    assert stopped.value.code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("arguments", "cycles", "for_s"),
    [([], 1000, None), (["--cycles", "7"], 7, None), (["--for", "1.5h"], None, 5400.0)],
)
def test_soak_drives_as_much_as_it_is_told(
    arguments: list[str],
    cycles: int | None,
    for_s: float | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1,000 cycles unless cycles or a time are given; the recording says what was asked for."""
    driven: list[Scenario] = []
    asked: list[str] = []

    async def drive(
        settings: GateSettings, out: Path, progress: Progress, scenario: Scenario, notes: Mapping[str, str]
    ) -> Path:
        driven.append(scenario)
        asked.append(notes[ASKED])
        raise DriveError("that was told enough")

    monkeypatch.setattr("voicegate.drive.run.run_scenario", drive)
    run(["soak", *OURS, *arguments, "--profile", "micro", "--out", str(tmp_path)])

    (scenario,) = driven
    assert asked == [f"{cycles} cycles" if for_s is None else f"for {for_s:g} s"]
    assert scenario.soak == Soak(for_s)
    if cycles is not None:
        assert sum(step.phase.startswith("cycle-") for step in scenario.steps) == cycles


def test_capacity_searches_as_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both kinds of isolation unless one is given, and no further than is allowed; without Locust it is refused."""
    searched: list[tuple[str, Search]] = []

    async def drive(
        settings: GateSettings, out: Path, progress: Progress, search: Search, rules: Rules
    ) -> Path:
        searched.append((settings.agent.isolation, search))
        out.mkdir()
        return write_recording(search_recording([MadeLevel(1)]), out / "recording.jsonl")

    monkeypatch.setattr("voicegate.capacity.drive.drive_search", drive)
    arguments = ["capacity", *OURS, "--profile", "micro", "--most-calls", "1", "--out", str(tmp_path)]
    assert run(arguments) is ExitCode.PASS
    assert searched == [("process", Search(1)), ("thread", Search(1))]
    run([*arguments, "--isolation", "thread", "--level-time", "20s"])
    assert searched[2:] == [("thread", Search(1, 20.0))]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(arguments) is ExitCode.USAGE


def test_help_teaches() -> None:
    """`--help` shows examples and exit codes."""
    shown = subprocess.run(
        [sys.executable, "-m", "voicegate", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("examples:", "exit codes:", "voicegate verify", "voicegate judge"):
        assert words in shown


@pytest.mark.parametrize("arguments", [["profile"], ["verify", "--profile-on-failure"]])
def test_an_agent_that_cannot_be_profiled_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is started: its gate file does not say how."""
    gate = tmp_path / "gate.toml"
    gate.write_text('[agent]\ncommand = ["my-agent"]\n')
    assert run([*arguments, "--gate", str(gate), "--out", str(tmp_path / "out")]) is ExitCode.USAGE
    assert f"{gate}: profile: missing: [profile] says how the agent is started" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_profile_is_driven_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the short scenario unless another is asked for, and a note that keeps it from being judged."""
    driven: list[tuple[str, str, dict[str, str]]] = []

    async def drive(settings: GateSettings, out: Path, progress: Progress, *, notes: dict[str, str]) -> Path:
        driven.append((settings.scenario.name, settings.agent.profile, notes))
        raise DriveError("no server")

    monkeypatch.setattr("voicegate.drive.run.run_scenario", drive)
    assert run(["profile", *OURS, "--out", str(tmp_path)]) is ExitCode.NOT_MEASURED
    run(["profile", *OURS, "--scenario", "cycles", "--profile", "micro", "--out", str(tmp_path)])
    note = {"profiled": "by memray"}
    assert driven == [("profile", "rehearsal", note), ("cycles", "micro", note)]


def test_a_failed_verdict_is_followed_by_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent is driven once more, with the scenario `profile` and the note."""
    driven: list[tuple[str, dict[str, str]]] = []
    failing = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()

    async def drive(
        settings: GateSettings,
        out: Path,
        progress: Progress,
        notes: Mapping[str, str] | None = None,
        **_: object,
    ) -> Path:
        driven.append((settings.scenario.name, dict(notes or {})))
        if notes:
            raise DriveError("no server")
        return write_recording(failing, out / "recording.jsonl")

    monkeypatch.setattr("voicegate.drive.run.run_scenario", drive)
    arguments = ["verify", "--profile-on-failure", *OURS, "--scenario", "pair", "--out", str(tmp_path)]
    assert run(arguments) is ExitCode.FAIL
    assert driven == [("pair", {}), ("profile", {"profiled": "by memray"})]


def test_no_secret_of_the_environment_reaches_the_terminal(tmp_path: Path) -> None:
    """Neither in an error nor in a traceback, whichever message it stands in."""
    environment = {**os.environ, "MY_TOKEN": "s3cr3t-value"}
    command = [sys.executable, "-m", "voicegate", "verify", "--gate", str(tmp_path / "s3cr3t-value.toml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == ExitCode.USAGE
    assert "***.toml" in done.stderr
    assert "s3cr3t-value" not in done.stdout + done.stderr


@pytest.mark.parametrize(("client", "code"), [("livekit.rtc", ExitCode.USAGE), ("nothing", -signal.SIGABRT)])
def test_livekits_client_cannot_change_the_exit_code(client: str, code: int, tmp_path: Path) -> None:
    """Its threads were seen to abort Python's shutdown after the report: a run that passed exited with 134."""
    program = (
        "import atexit, os, sys, types\n"
        f"sys.modules[{client!r}] = types.ModuleType('client')\n"
        "atexit.register(os.abort)\n"
        "from voicegate.__main__ import main\n"
        "main()\n"
    )
    arguments = ["judge", str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "out")]
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "none.jsonl" in done.stderr
    assert done.returncode == code
