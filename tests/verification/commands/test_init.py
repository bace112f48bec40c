"""`voicegate init`: from a folder to a gate file."""

import shlex
import shutil
from pathlib import Path

import pytest
from fakes.agent_folders import SERVER_ONLY, STARTER, WORKER, write
from voicegate.__main__ import run
from voicegate.exit_codes import ExitCode
from voicegate.gate_checks import check_before_run
from voicegate.init.draft import Ask, Draft, in_one_line, make_draft
from voicegate.init.found_agent import look
from voicegate.settings import GateSettings, load_settings

FOREIGN = Path(__file__).parents[2] / "foreign_agents"


def read(file: Path) -> GateSettings:
    """Read a gate file and see that all it names is there."""
    settings = load_settings(file, {})
    check_before_run(settings)
    return settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody's active environment be the agent's."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


@pytest.mark.parametrize(
    ("files", "command", "name"),
    [
        (
            {"src/agent.py": STARTER, "uv.lock": ""},
            ("uv", "run", "python", "src/agent.py", "start"),
            "my-agent",
        ),
        ({"main.py": WORKER, "venv/bin/python": ""}, ("venv/bin/python", "main.py", "start"), "desk"),
        ({"app.py": SERVER_ONLY}, ("{python}", "-m", "livekit.agents", "start", "app.py"), None),
    ],
)
def test_a_strangers_folder_gets_a_gate_file(
    tmp_path: Path, files: dict[str, str], command: tuple[str, ...], name: str | None
) -> None:
    """In the current folder, without a terminal and so without questions."""
    write(tmp_path, files)
    assert run(["init", str(tmp_path)]) is ExitCode.PASS
    agent = read(tmp_path / "gate.toml").agent
    assert (agent.command, agent.agent_name, agent.working_directory) == (command, name, tmp_path)


@pytest.mark.parametrize("name", ["bestbox", "leaky_threads", "parrot", "starter"])
def test_real_agents_get_a_gate_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the styles that the end-to-end tests run, each alone in its folder with what it imports."""
    for file in (f"{name}.py", *([] if name == "parrot" else ["speech_adapters.py"])):
        shutil.copy(FOREIGN / file, tmp_path)
    assert run(["init", str(tmp_path), "--yes"]) is ExitCode.PASS
    settings = read(tmp_path / "gate.toml")
    assert settings.agent.command == ("{python}", f"{name}.py", "start")
    assert settings.agent.agent_name == ("starter" if name == "starter" else None)
    assert settings.log.names_models == (name == "bestbox")
    assert settings.criteria.off == (("C4",) if name == "parrot" else ())
    assert settings.agent.isolation == ("thread" if name in ("leaky_threads", "parrot") else "process")
    gate = f" --gate {tmp_path / 'gate.toml'}"
    assert f"voicegate doctor{gate}\n  voicegate verify{gate} --scenario short" in capsys.readouterr().out


def test_in_its_own_folder_the_next_commands_are_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """gate.toml in the current folder need not be named."""
    monkeypatch.chdir(write(tmp_path, {"agent.py": STARTER}))
    assert run(["init"]) is ExitCode.PASS
    assert capsys.readouterr().out.endswith("  voicegate doctor\n  voicegate verify --scenario short\n")


def test_a_file_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is to be overwritten, or another one is named."""
    gate = write(tmp_path, {"agent.py": STARTER, "gate.toml": "# mine\n"}) / "gate.toml"
    assert run(["init", str(tmp_path)]) is ExitCode.USAGE
    assert "--force overwrites it" in capsys.readouterr().err
    assert gate.read_text() == "# mine\n"
    assert run(["init", str(tmp_path), "--output", str(tmp_path / "other.toml")]) is ExitCode.PASS
    assert read(tmp_path / "other.toml").agent.working_directory == tmp_path
    assert run(["init", str(tmp_path), "--force"]) is ExitCode.PASS
    assert read(gate).agent.agent_name == "my-agent"


def test_without_an_agent_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was looked for, and both ways out."""
    write(tmp_path, {"web.py": "print('hello')"})
    assert run(["init", str(tmp_path)]) is ExitCode.USAGE
    said = capsys.readouterr().err
    for words in ("1 Python file", "cli.run_app", '--command "python agent.py start"', "docs/gate.md"):
        assert words in said
    assert not (tmp_path / "gate.toml").exists()


def test_options_go_before_what_is_found(tmp_path: Path) -> None:
    """Also where nothing is: the agent may be no Python at all."""
    options = ["--command", "node 'dist/my agent.js' start", "--agent-name", "desk", "--language", "de"]
    assert run(["init", str(tmp_path), *options]) is ExitCode.PASS
    agent = read(tmp_path / "gate.toml").agent
    assert agent.command == ("node", "dist/my agent.js", "start")
    assert agent.agent_name == "desk"
    assert "# clips = " in (tmp_path / "gate.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}/nowhere"], "nowhere: no such folder"),
        (["{folder}", "--command", " "], "the command is empty"),
        (["{folder}", "--command", "python 'agent.py"], "cannot be read: No closing quotation"),
        (["{folder}", "--output", "{folder}/no/gate.toml"], "cannot write the gate file"),
    ],
)
def test_wrong_usage_is_said(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and one message."""
    write(tmp_path, {"agent.py": STARTER})
    assert run(["init", *(one.format(folder=tmp_path) for one in arguments)]) is ExitCode.USAGE
    assert message in capsys.readouterr().err


def answers(given: dict[str, str], asked: dict[str, str]) -> Ask:
    """Answer as given, else with what was found; note what was asked, and what was found."""

    def ask(question: str, found: str) -> str:
        asked[question] = found
        return next((answer for words, answer in given.items() if words in question), found)

    return ask


def drafted(
    folder: Path, given: dict[str, str], asked: dict[str, str], options: tuple[str, ...] = ()
) -> Draft:
    """Draft a gate file with these answers, and options in their order."""
    return make_draft(look(folder, {}, Path("/gate")), answers(given, asked), *options)


def test_questions_come_with_what_was_found(tmp_path: Path) -> None:
    """Nobody is asked which file where there is one."""
    asked: dict[str, str] = {}
    draft = drafted(write(tmp_path, {"agent.py": STARTER}), {}, asked)
    assert list(asked.values()) == [
        "{python} agent.py start",
        "my-agent",
        "multi",
    ]
    assert draft.command == ("{python}", "agent.py", "start")


def test_several_agents_are_told_apart_by_asking(tmp_path: Path) -> None:
    """What is written is that of the chosen one, and nothing of the other."""
    write(tmp_path, {"agent.py": WORKER, "other.py": STARTER})
    asked: dict[str, str] = {}
    draft = drafted(tmp_path, {"Which file": "other.py"}, asked)
    assert asked["Which file is the agent (agent.py, other.py)"] == "agent.py"
    assert draft.command == ("{python}", "other.py", "start")
    assert (draft.agent_name, draft.tells_models, draft.shared) == ("my-agent", False, ())
    wished = drafted(tmp_path, {}, {}, ("python agent.py start",))
    assert (wished.agent_name, wished.tells_models) == ("desk", True)


def test_a_name_can_be_answered_away(tmp_path: Path) -> None:
    """An empty answer takes what was found, so a dash says that there is none."""
    folder = write(tmp_path, {"agent.py": STARTER})
    assert drafted(folder, {"agent_name": "-"}, {}).agent_name == ""


def test_what_an_option_says_is_not_asked(tmp_path: Path) -> None:
    """So that a script with all options needs no --yes."""
    asked: dict[str, str] = {}
    options = ("python agent.py dev", "desk", "de")
    draft = drafted(write(tmp_path, {"agent.py": STARTER}), {}, asked, options)
    assert asked == {}
    assert (draft.command[-1], draft.agent_name, draft.language) == ("dev", "desk", "de")


def test_a_command_can_be_split_again() -> None:
    """What is offered as an answer comes back as the same words."""
    words = ("{python}", "my agent.py", "", "it's", 'say "hi"', "back\\slash")
    assert in_one_line(words).startswith("{python} 'my agent.py'")
    assert tuple(shlex.split(in_one_line(words))) == words
