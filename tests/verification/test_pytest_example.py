"""The example of docs/pytest.md, run as a team runs it: in a folder of its own, by pytest's command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "tests" / "examples" / "pytest_suite"
PAGE = REPOSITORY / "docs" / "pytest.md"
RECORDINGS = Path(__file__).parent / "judge" / "failed_runs"
LANGUAGES = {".toml": "toml", ".ini": "ini", ".py": "python"}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Copy the example to a folder that belongs to no project."""
    return shutil.copytree(EXAMPLE, tmp_path / "suite", ignore=shutil.ignore_patterns("__pycache__"))


def run_suite(suite: Path, *arguments: str) -> tuple[int, str, dict[str, str]]:
    """Run it; return exit code, what was written, and the outcome of each test by name."""
    command = [sys.executable, "-m", "pytest", "-p", "no:locust", "--junit-xml=junit.xml", *arguments]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command,
        cwd=suite,
        env=outside,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    cases = ET.parse(suite / "junit.xml").findall(".//testcase")
    outcomes = {str(case.get("name")): next((mark.tag for mark in case), "passed") for case in cases}
    return done.returncode, done.stdout, outcomes


def with_outcome(outcomes: dict[str, str], outcome: str) -> set[str]:
    """Name the tests that came out like this, criteria by their short ids."""
    return {
        name.removeprefix("test_criterion[").partition("-")[0]
        for name, one in outcomes.items()
        if one == outcome
    }


@pytest.mark.slow
def test_healthy_recording_passes(suite: Path) -> None:
    """A kept recording of our agent passes what its scenario shows, and the rest is skipped; the report is where the ini file says."""
    recording = RECORDINGS / "healthy-race.jsonl.gz"
    code, text, outcomes = run_suite(suite, f"--voicegate-recording={recording}")
    assert code == 0, text
    assert set(outcomes.values()) == {"passed", "skipped"}
    assert outcomes["test_criterion[C3-same-ids]"] == "passed"
    assert (suite / "reports" / "out" / "latest" / "report.html").is_file()


@pytest.mark.slow
def test_broken_recording_fails_its_criteria(suite: Path) -> None:
    """A kept recording of an agent that loads its models in every call fails the tests of just these criteria."""
    recording = RECORDINGS / "model-per-call.jsonl.gz"
    code, text, outcomes = run_suite(suite, f"--voicegate-recording={recording}")
    assert code == 1, text
    assert with_outcome(outcomes, "failure") == {"C2", "C3", "C5"}
    assert with_outcome(outcomes, "error") == set()
    assert "C5-extra-connection FAIL: from 0 to 1 call: 921.7 MB per call" in text


@pytest.mark.slow
@pytest.mark.end_to_end
def test_agent_is_driven(suite: Path) -> None:
    """As the page says: our agent with the small models is started and called twice, and passes."""
    code, text, outcomes = run_suite(suite, "--voicegate-scenario=pair")
    assert code == 0, text
    assert with_outcome(outcomes, "passed") >= {"C1", "C2", "C3", "C5", "G2", "G3", "G4", "G7", "G11"}
    assert "4/5  second-call: 1 caller" in text
    assert (suite / "reports" / "out" / "latest" / "recording.jsonl").is_file()


@pytest.mark.parametrize(
    "path",
    sorted(path for path in EXAMPLE.iterdir() if path.suffix in LANGUAGES),
    ids=lambda path: str(path.name),
)
def test_page_shows_the_files(path: Path) -> None:
    """Each file of the example stands in the page under its name, word for word."""
    page = PAGE.read_text(encoding="utf-8")
    _, named, rest = page.partition(f"\n`{path.name}`")
    assert named
    assert f"```{LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}```\n" in rest


def test_page_explains_every_option() -> None:
    """Each option of the plugin and its ini key stand in one row of the page."""
    command = [sys.executable, "-m", "pytest", "-p", "no:locust", "--help"]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True).stdout
    options = {word.partition("=")[0] for word in shown.split() if word.startswith("--voicegate-")}
    rows = [row for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith("| `--voicegate-")]
    assert len(options) == len(rows) == 6
    for option in options:
        key = option.removeprefix("--").replace("-", "_")
        assert any(f"`{option}=" in row and f"`{key}`" in row for row in rows)
