"""Judging through pytest."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fakes.recordings import MB, Run, cut_at, models_per_call, without_phase
from voicegate.judge.criterion import Rules
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA
from voicegate.plugin import SelectionError, check_selection, judge

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
