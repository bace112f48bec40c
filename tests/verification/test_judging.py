"""Judging through pytest."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fakes.recordings import MB, Run, cut_at, models_per_call, without_phase
from voicegate import judging
from voicegate.__main__ import run
from voicegate.exit_codes import ExitCode
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.judging import (
    JudgingError,
    SelectionError,
    check_complete,
    check_selection,
    judge,
)
from voicegate.record.events import Recording
from voicegate.testing import write_recording

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()


def test_every_criterion_is_a_test(tmp_path: Path) -> None:
    """Findings come in the order of the registry, and each has its test case in the JUnit file."""
    junit = tmp_path / "junit.xml"
    judgment = judge(GOOD, Rules(), None, junit)
    assert [finding.id for finding in judgment.findings] == [criterion.id for criterion in CRITERIA]
    cases = ET.parse(junit).findall(".//testcase")
    assert [case.get("name") for case in cases] == [f"test_criterion[{one.id}]" for one in CRITERIA]


def test_outcomes_in_junit(tmp_path: Path) -> None:
    """FAIL is a failure, ERROR an error, NOT_RUN a skipped test, each with its reason."""
    for recording, tag, words in (
        (BROKEN, "failure", "loads of one ASR id: 20, must be 1"),
        (cut_at(GOOD, 60), "error", "cut off before its end"),
        (without_phase(GOOD, "baseline"), "skipped", "the scenario has no phase baseline"),
    ):
        junit = tmp_path / f"{tag}.xml"
        judge(recording, Rules(), None, junit)
        marks = ET.parse(junit).findall(f".//testcase/{tag}")
        assert any(words in ET.tostring(mark, encoding="unicode") for mark in marks)


JUNIT = {  # what Jenkins' schema has (jenkins-junit.xsd) and GitLab reads, as far as we write it
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
}


@pytest.mark.parametrize("recording", [BROKEN, cut_at(GOOD, 60), without_phase(GOOD, "baseline")])
def test_junit_has_the_shape_that_gitlab_and_jenkins_read(tmp_path: Path, recording: Recording) -> None:
    """No element or attribute that they do not know, no name twice, one outcome a case, and numbers that agree with the cases."""
    junit = tmp_path / "junit.xml"
    judge(recording, Rules(), None, junit)
    root = ET.parse(junit).getroot()
    assert root.tag == "testsuites"
    assert all(set(one.attrib) <= JUNIT[one.tag] for one in root.iter())
    assert all("message" in one.attrib for one in root.iter() if one.tag in ("failure", "error", "skipped"))
    (suite,) = root
    cases = list(suite)
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases) == len(CRITERIA)
    assert all(len(case) <= 1 for case in cases)
    counted = {"tests": len(cases)} | {
        name: sum(child.tag == tag for case in cases for child in case)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    assert {name: int(suite.get(name, "")) for name in counted} == counted


def test_junit_tells_nothing_of_the_machine(tmp_path: Path) -> None:
    """Neither the host's name nor where the gate is installed; the reasons stay."""
    junit = tmp_path / "junit.xml"
    for recording in (BROKEN, cut_at(GOOD, 60), without_phase(GOOD, "baseline")):
        judge(recording, Rules(), None, junit)
        text = junit.read_text(encoding="utf-8")
        assert "hostname" not in text
        assert str(Path(judging.__file__).parent) not in text
        assert "pytest_outcomes" not in text
        assert 'classname="voicegate.test_verdict"' in text
    assert ">the scenario has no phase baseline<" in text


def test_selection_judges_a_part() -> None:
    """An expression as for -k selects criteria by their ids."""
    judgment = judge(GOOD, Rules(), "C5 or G3")
    assert [finding.id for finding in judgment.findings] == ["C5-extra-connection", "G3-replies"]


def test_limits_reach_the_judges() -> None:
    """What is judged with is what was given."""
    (finding,) = judge(GOOD, Rules(disabled={"C5-extra-connection": "left out"}), "C5").findings
    assert finding.status is Status.NOT_RUN


@pytest.mark.parametrize("selection", ["nonsense", "C5 and (", "C5 and G3"])
def test_selection_of_nothing_is_refused(selection: str) -> None:
    """An expression that selects nothing, or is none, is refused before anything long begins."""
    with pytest.raises(SelectionError, match="C1-first-initialises"):
        check_selection(selection, CRITERIA)


def test_selection_of_something_is_accepted() -> None:
    """An expression that selects a criterion is fine."""
    check_selection("C5", CRITERIA)


def test_junit_file_that_cannot_be_written_keeps_the_findings(tmp_path: Path) -> None:
    """A full disk costs the file, not the findings."""
    junit = tmp_path / "junit.xml"
    junit.symlink_to("/dev/full")
    judgment = judge(GOOD, Rules(), None, junit)
    assert len(judgment.findings) == len(CRITERIA)
    assert judgment.problem is not None
    assert "No space left on device" in judgment.problem


def test_nothing_is_written_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """The terminal is for the verdict, not for pytest."""
    judge(BROKEN, Rules())
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


KEEPS_ONE = """
def pytest_collection_modifyitems(items):
    del items[1:]
"""
PASSES_ALL = """
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    report.outcome = "passed"
    return report
"""
HOSTILE_FILES = {
    "conftest.py": KEEPS_ONE,
    "tests/conftest.py": KEEPS_ONE,
    "voicegate_hostile.py": KEEPS_ONE + PASSES_ALL,
    "pytest.ini": "[pytest]\naddopts = -k C5 -p voicegate_hostile\n",
    "pytest.toml": '[pytest]\naddopts = ["-k", "C5"]\n',
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-k C5"\n',
}
SHADOWS = dict.fromkeys(
    ["statistics.py", "matplotlib.py"], "raise ValueError('this is no module of the gate')\n"
)
HOSTILE_VARIABLES = {
    "PYTHONIOENCODING": "ascii",
    "PYTHONOPTIMIZE": "2",
    "MPLBACKEND": "Qt4Agg",
    "MATPLOTLIBRC": "voicegate_hostile.py",
    "PYTEST_ADDOPTS": "-k C5 -n auto --strict-config -o python_functions=nothing",
    "PYTEST_PLUGINS": "voicegate_hostile",
    "PYTEST_DEBUG": "1",
}


def fill(folder: Path, files: Mapping[str, str]) -> None:
    """Write files with these texts."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("files", "variables"),
    [
        *(({name: text, "voicegate_hostile.py": KEEPS_ONE}, {}) for name, text in HOSTILE_FILES.items()),
        ({}, {"PYTEST_ADDOPTS": "-k C5"}),
        ({}, {"PYTEST_ADDOPTS": "-n auto"}),
        ({}, {"PYTEST_ADDOPTS": "--no-such-option"}),
        (HOSTILE_FILES, {"PYTEST_PLUGINS": "voicegate_hostile"}),
        ({}, {"PYTEST_PLUGINS": "no_such_plugin"}),
        ({}, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    ],
)
def test_nothing_in_the_place_changes_what_is_judged(
    files: Mapping[str, str],
    variables: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No conftest, plugin, configuration or option of pytest from outside reaches the judging; the environment stays as it was."""
    fill(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    findings = judge(BROKEN, Rules()).findings
    assert dict(os.environ) == before
    assert findings == tuple(criterion(BROKEN, Rules()) for criterion in CRITERIA)


def test_hostile_folder_gives_the_verdict_of_an_empty_one(tmp_path: Path) -> None:
    """The command's exit code, verdict and JUnit file are the same with everything at once against them."""
    recording = write_recording(BROKEN, tmp_path / "recording.jsonl")
    seen = []
    for name, files, variables in (
        ("empty", {}, {}),
        ("hostile", HOSTILE_FILES | SHADOWS, HOSTILE_VARIABLES),
    ):
        folder = tmp_path / name
        folder.mkdir()
        fill(folder, files)
        command = [sys.executable, "-m", "voicegate", "judge", str(recording), "--out", "out"]
        done = subprocess.run(
            command, cwd=folder, env=os.environ | variables, capture_output=True, timeout=120, check=False
        )
        report = folder / "out" / "latest"
        cases = ET.parse(report / "junit.xml").findall(".//testcase")
        marks = [(case.get("classname"), case.get("name"), [mark.tag for mark in case]) for case in cases]
        criteria = json.loads((report / "verdict.json").read_text())["criteria"]
        seen.append((done.returncode, criteria, marks, done.stderr))
    assert seen[0] == seen[1]
    code, criteria, marks, _ = seen[0]
    assert (code, len(criteria), len(marks)) == (1, len(CRITERIA), len(CRITERIA))


def test_intruder_that_gets_through_is_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Should anything take criteria away all the same, there is no verdict, and the command says that it could not measure."""
    recording = write_recording(GOOD, tmp_path / "recording.jsonl")
    monkeypatch.setattr("voicegate.judging._ALONE", (*judging._ALONE, "-k", "C5"))
    assert run(["judge", str(recording), "--out", str(tmp_path / "out")]) is ExitCode.NOT_MEASURED
    assert f"{len(CRITERIA)} criteria were to be judged" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*/verdict.json"))


@pytest.mark.parametrize("kept", [0, 1, len(CRITERIA) - 1])
def test_findings_are_counted(kept: int) -> None:
    """A criterion without a finding is an error that names it, never a shorter verdict."""
    findings = [criterion(GOOD, Rules()) for criterion in CRITERIA]
    ids = [criterion.id for criterion in CRITERIA]
    check_complete(ids, findings)
    with pytest.raises(
        JudgingError, match=f"{len(CRITERIA)} criteria were to be judged .* findings of {kept} "
    ):
        check_complete(ids, findings[:kept])


def test_finding_of_another_criterion_is_not_counted() -> None:
    """As many findings as criteria are not enough: each must be of its own criterion."""
    findings = [criterion(GOOD, Rules()) for criterion in CRITERIA]
    with pytest.raises(JudgingError):
        check_complete([criterion.id for criterion in CRITERIA], [*findings[:-1], findings[0]])


def test_nothing_judged_is_no_verdict() -> None:
    """No criterion and no finding is no PASS either."""
    with pytest.raises(JudgingError):
        check_complete([], [])


def test_trouble_of_pytest_is_not_blamed_on_the_selection(tmp_path: Path) -> None:
    """What pytest refuses for another reason is reported as that, in its own words."""
    with pytest.raises(JudgingError, match="must be a filename"):
        judge(GOOD, Rules(), "C5", tmp_path)
