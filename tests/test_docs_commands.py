"""Every command, gate file, workflow and piece of Python in the pages: read by the program that it is meant for."""

import configparser
import json
import re
import shutil
import textwrap
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from documented.pages import PAGES, ROOT, Block, blocks_of, spans_of
from documented.parsers import WrongCommandError
from documented.programs import PROGRAMS, Reader
from documented.shell import SUBSTITUTED, Command, commands_in
from voicegate.__main__ import run
from voicegate.drive.script_file import read_script_file
from voicegate.exit_codes import ExitCode
from voicegate.prove.mutant_file import read_mutants
from voicegate.settings import load_settings
from voicegate_agent.__main__ import GATE_FILE, main
from with_locust import RunProgram

ACTION = "OWNER/voicegate@COMMIT"


def commands_of(page: Path) -> list[tuple[str, Command]]:
    """List a page's commands with their places: whole blocks in order, then those in sentences."""
    in_blocks = [
        (f"{page.relative_to(ROOT)}:{block.line + line}", command)
        for block in blocks_of(page)
        if block.language == "sh"
        for line, command in commands_in(block.text)
    ]
    in_sentences = [
        (span.place, command)
        for span in spans_of(page)
        if is_command(span.text)
        for _, command in commands_in(span.text)
    ]
    return in_blocks + in_sentences


def is_command(text: str) -> bool:
    """Tell a command in a sentence from the mere name of a program."""
    words = [word for word in text.split() if not re.match(r"[A-Z][A-Z0-9_]*=", word)]
    return len(words) > 1 and words[0].rpartition("/")[2] in PROGRAMS


def name_of(page: Path) -> str:
    """Name a page in a test's id."""
    return str(page.relative_to(ROOT))


@pytest.fixture
def shown(tmp_path: Path) -> Callable[[Block], Path]:
    """Give a function that lays the files that a block's page shows into one folder, and returns the block's own."""

    def lay(block: Block) -> Path:
        (tmp_path / "gate.toml").touch()  # examples extend it
        for other in blocks_of(block.page):
            if other.name is not None:
                (tmp_path / other.name).write_text(other.text, encoding="utf-8")
        path = tmp_path / (block.name or "block.toml")
        path.write_text(block.text, encoding="utf-8")
        return path

    return lay


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_is_one(page: Path, run_program: RunProgram) -> None:
    """Its program knows the options, and the files that it names are there."""
    reader = Reader(run_program, {block.name for block in blocks_of(page) if block.name})
    wrong = []
    for place, command in commands_of(page):
        try:
            reader.check(command)
        except WrongCommandError as error:
            wrong.append(f"{place}: {' '.join(command.words)}\n    {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "command",
    [
        "voicegate verify --scenario brief",
        "voicegate judge nowhere.jsonl",
        "voicegate frobnicate",
        "voicegate load --shape circle",
        "voicegate-agent frobnicate",
        "VOICEGATE_FROB=1 voicegate-agent",
        "python -m voicegate_agent.model_host --frob",
        "locust -f loadtests --frob",
        "nox -s frobnicate",
        "nox -s verify -- --frob",
        "nox -s lint -- --frob",
        "pytest --voicegate-frob=1",
        "pip install 'voicegate[frob]'",
        ".gate/bin/voicegate doctor",
        "docker run nobody/built-this",
        "frobnicate",
    ],
)
def test_a_command_that_would_be_refused_is_found(command: str, run_program: RunProgram) -> None:
    """Whether the program, an option, a choice, a file or a variable has another name."""
    (parsed,) = (one for _, one in commands_in(command))
    with pytest.raises(WrongCommandError):
        Reader(run_program).check(parsed)


QUICK = (
    ("voicegate-agent", "gate"),
    ("voicegate", "init"),
    ("voicegate", "doctor"),
    ("voicegate", "scenario"),
)
"""What costs nothing is run."""


@pytest.mark.parametrize("page", ["getting-started.md", "scenario.md"])
def test_what_costs_nothing_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the page, in a folder with an agent like LiveKit's starter and the files that the page shows."""
    for name in ("starter.py", "speech_adapters.py"):
        shutil.copy(ROOT / "tests" / "foreign_agents" / name, tmp_path)
    for block in blocks_of(ROOT / "docs" / page):
        if block.name is not None:
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ran = []
    for place, command in commands_of(ROOT / "docs" / page):
        program, *words = command.words or ("",)
        if (program, *words[:1]) not in QUICK:
            continue
        words = [str(GATE_FILE) if word == SUBSTITUTED else word for word in words]
        code = main(words) if program == "voicegate-agent" else run(words)
        said = "".join(capsys.readouterr())
        fine = {ExitCode.PASS, ExitCode.NOT_MEASURED} if words[0] == "doctor" else {ExitCode.PASS}
        assert code in fine, (
            f"{place}: {said}"
        )  # this machine may lack what a run needs; that is no fault of the page
        ran.append(words[0])
    assert ran


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def of_language(*languages: str) -> pytest.MarkDecorator:
    """Make a test of each block in these languages."""
    blocks = [block for block in BLOCKS if block.language in languages]
    return pytest.mark.parametrize("block", blocks, ids=lambda block: block.place)


def test_no_block_is_left_out() -> None:
    """Each is in a language that a test here reads; `text` is for pictures, formulas and output."""
    read = {"sh", "toml", "yaml", "python", "json", "ini", "dockerfile", "text"}
    assert [f"{block.place}: {block.language}" for block in BLOCKS if block.language not in read] == []
    assert len([block for block in BLOCKS if block.language == "sh"]) > 20


@of_language("toml")
def test_gate_files_are_read(block: Block, shown: Callable[[Block], Path]) -> None:
    """By the gate's own readers: what has `calls` is a scenario file, what has `mutants` a part of a proof's file, all else a gate file."""
    path = shown(block)
    tables = tomllib.loads(block.text)
    if "calls" in tables:
        read_script_file(path)
    elif "mutants" in tables:
        control = '\n[[mutants]]\nname = "healthy"\nwrong = "nothing"\nfails = []\n'
        path.write_text(f'gate = "{ROOT}/agent/voicegate_agent/gate.toml"\n{block.text}{control}')
        read_mutants(path)
    else:
        load_settings(path, {})


@of_language("yaml")
def test_workflows_are_read(block: Block, run_program: RunProgram) -> None:
    """They are YAML, the action has each input that they give it, and their commands are checked like all others."""
    found = yaml.safe_load(textwrap.dedent(block.text))
    steps = (
        found
        if isinstance(found, list)
        else [step for job in found["jobs"].values() for step in job["steps"]]
    )
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    assert any(step.get("uses") == ACTION for step in steps)
    reader = Reader(run_program)
    for step in steps:
        if step.get("uses") == ACTION:
            assert step["with"].keys() <= inputs.keys()
        for _, command in commands_in(step.get("run", "")):
            reader.check(command)


@of_language("python")
def test_python_is_python(block: Block) -> None:
    """It compiles; and where Contributing quotes a file that it links to, each line stands in it."""
    compile(block.text, block.place, "exec")
    if block.page.name == "contributing.md":
        before = "\n".join(block.page.read_text(encoding="utf-8").splitlines()[: block.line])
        links = re.findall(r"\]\(\.\./([\w/]+\.py)\)", before)
        known = {line.strip() for link in links for line in (ROOT / link).read_text("utf-8").splitlines()}
        quoted = [line.partition("  #")[0].strip() for line in block.text.splitlines()]
        assert [line for line in quoted if line not in known] == []


@of_language("json", "ini", "dockerfile")
def test_other_files_are_read(block: Block, run_program: RunProgram) -> None:
    """JSON and ini files by Python; of a Containerfile the commands are checked."""
    match block.language:
        case "json":
            json.loads(block.text)
        case "ini":
            configparser.ConfigParser().read_string(block.text)
        case _:
            reader = Reader(run_program)
            for line in re.findall(r"^RUN (.*)$", block.text, re.MULTILINE):
                for _, command in commands_in(line):
                    reader.check(command)
