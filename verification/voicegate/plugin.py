"""The pytest plugin that judges one recording: each criterion is a test, its finding the outcome.

FAIL fails the test. ERROR, being unable to measure, is an error of the test's set-up. NOT_RUN skips it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from voicegate.exit_codes import UsageError
from voicegate.judge.criterion import Criterion, Rules
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import criteria_for
from voicegate.record.events import Header, Recording


class CouldNotMeasureError(Exception):
    """The recording does not let the criterion be judged; the message is the finding."""


class SelectionError(UsageError):
    """An expression for -k that selects no criterion."""


class VerdictPlugin:
    """Hands each test its criterion's finding and keeps them, in the order of `criteria`, in `findings`."""

    def __init__(self, recording: Recording, rules: Rules, criteria: Sequence[Criterion]) -> None:
        self._recording = recording
        self._rules = rules
        self._criteria = criteria
        self.findings: list[Finding] = []

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each criterion."""
        if "finding" in metafunc.fixturenames:
            ids = [criterion.id for criterion in self._criteria]
            metafunc.parametrize("finding", self._criteria, ids=ids, indirect=True)

    @pytest.fixture
    def finding(self, request: pytest.FixtureRequest) -> Finding:
        """Judge the recording by the test's criterion."""
        criterion: Criterion = request.param
        finding = criterion(self._recording, self._rules)
        self.findings.append(finding)
        if finding.status is Status.NOT_RUN:
            pytest.skip(finding.reason)
        if finding.status is Status.ERROR:
            raise CouldNotMeasureError(finding.long())
        return finding


@dataclass(frozen=True, slots=True)
class Judgment:
    """Findings of the criteria that were selected; `problem` says why the JUnit file is missing, if it is."""

    findings: tuple[Finding, ...]
    problem: str | None = None


def judge(
    recording: Recording, rules: Rules, selection: str | None = None, junit: Path | None = None
) -> Judgment:
    """Judge a recording through pytest, quietly, and write the results as JUnit XML.

    `selection` is an expression for pytest's -k. Raises SelectionError when it selects nothing.
    """
    criteria = criteria_for(recording)
    plugin = VerdictPlugin(recording, rules, criteria)
    write = () if junit is None else (f"--junit-xml={junit}", "-o", "junit_suite_name=voicegate")
    try:
        _run_pytest(write, selection, plugin, criteria)
    except OSError as error:
        return Judgment(tuple(plugin.findings), f"{junit}: cannot write the results: {error.strerror}")
    return Judgment(tuple(plugin.findings))


def check_selection(selection: str, criteria: Sequence[Criterion]) -> None:
    """See whether an expression for -k selects any of these criteria. Raises SelectionError."""
    nothing = Recording(Header("", "", "", (), None, {}))
    _run_pytest(["--collect-only"], selection, VerdictPlugin(nothing, Rules(), criteria), criteria)


def _run_pytest(
    arguments: Sequence[str], selection: str | None, plugin: VerdictPlugin, criteria: Sequence[Criterion]
) -> None:
    select = () if selection is None else ("-k", selection)
    exit_code = pytest.main([*_QUIET, *arguments, *select, *_TESTS], plugins=[plugin])
    if exit_code in (pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.USAGE_ERROR):
        known = ", ".join(criterion.id for criterion in criteria)
        raise SelectionError(f"-k {selection!r} selects none of the criteria: {known}")
    if exit_code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest ended with {exit_code!r} before all criteria were judged")


_QUIET = ("-p", "no:terminal", "-p", "no:cacheprovider", "--disable-plugin-autoload", "-c", os.devnull)
_TESTS = ("--pyargs", "voicegate.test_verdict")
