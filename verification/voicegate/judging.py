"""Judging one recording through pytest: each criterion is a test, its finding the outcome.

pytest selects criteria (-k) and writes the JUnit file. It runs alone: no conftest, no plugin, no option and no
configuration of the place where the gate is started can change what is judged, and findings are counted.
"""

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from voicegate.exit_codes import MeasuringError, UsageError
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import Limits, Rules, criteria_for
from voicegate.pytest_outcomes import in_pytests_terms
from voicegate.record.events import Header, Recording
from voicegate.variables import without_variables


class SelectionError(UsageError):
    """An expression for -k that selects no criterion."""


class JudgingError(MeasuringError):
    """Not every criterion that was chosen was judged; the message says which are missing."""


class VerdictPlugin:
    """Judges by one criterion in each test; findings are kept in the order of `criteria`, `chosen` are their ids."""

    def __init__(self, recording: Recording, rules: Rules, criteria: Sequence[Criterion[Limits]]) -> None:
        self._recording = recording
        self._rules = rules
        self._criteria = criteria
        self.chosen: list[str] = []
        self.findings: list[Finding] = []

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each criterion."""
        if "finding" in metafunc.fixturenames:
            ids = [criterion.id for criterion in self._criteria]
            metafunc.parametrize("finding", self._criteria, ids=ids, indirect=True)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is about to be judged."""
        self.chosen = [item.callspec.id for item in session.items if isinstance(item, pytest.Function)]

    @pytest.fixture
    def finding(self, request: pytest.FixtureRequest) -> Finding:
        """Judge the recording by the test's criterion; only a PASS or a FAIL reaches the test."""
        criterion: Criterion[Limits] = request.param
        finding = criterion(self._recording, self._rules)
        self.findings.append(finding)
        if finding.status is not Status.FAIL:
            finding.require()
        return finding

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> None:
        """Report findings as outcomes."""
        in_pytests_terms(call)


@dataclass(frozen=True, slots=True)
class JudgedFindings:
    """Findings of the criteria that were selected; `problem` says why the JUnit file is missing, if it is."""

    findings: tuple[Finding, ...]
    problem: str | None = None


def judge(
    recording: Recording, rules: Rules, selection: str | None = None, junit: Path | None = None
) -> JudgedFindings:
    """Judge a recording through pytest, quietly, and write the results as JUnit XML.

    `selection` is an expression for pytest's -k. Raises SelectionError when it selects nothing, JudgingError when a
    criterion that was chosen has no finding.
    """
    criteria = criteria_for(recording)
    plugin = VerdictPlugin(recording, rules, criteria)
    write = () if junit is None else (f"--junit-xml={junit}", "-o", "junit_suite_name=voicegate")
    problem = None
    try:
        _run_pytest(write, selection, plugin, criteria)
        if junit is not None:
            _take_out_machine(junit)
    except OSError as error:
        problem = f"{junit}: cannot write the results: {error.strerror}"
    chosen = [one.id for one in criteria] if selection is None else plugin.chosen
    check_complete(chosen, plugin.findings)
    return JudgedFindings(tuple(plugin.findings), problem)


def _take_out_machine(junit: Path) -> None:
    """Take out what pytest tells of the machine: its name, and where the gate is installed (beside reasons of skips)."""
    results = ET.parse(junit).getroot()  # noqa: S314 - pytest wrote it just now
    for suite in results.iter("testsuite"):
        suite.attrib.pop("hostname", None)
    for case in results.iter("testcase"):
        case.set("classname", _TESTS[-1])
    for skipped in results.iter("skipped"):
        skipped.text = skipped.get("message")
    junit.write_bytes(ET.tostring(results, encoding="utf-8", xml_declaration=True))


def check_selection(selection: str, criteria: Sequence[Criterion[Limits]]) -> None:
    """See whether an expression for -k selects any of these criteria. Raises SelectionError."""
    nothing = Recording(Header("", "", "", (), None, {}))
    _run_pytest(["--collect-only"], selection, VerdictPlugin(nothing, Rules(), criteria), criteria)


def check_complete(chosen: Sequence[str], findings: Sequence[Finding]) -> None:
    """See that the findings are those of the chosen criteria, each once, in their order. Raises JudgingError."""
    found = [finding.id for finding in findings]
    if not chosen or found != list(chosen):
        raise JudgingError(
            f"{len(chosen)} criteria were to be judged ({', '.join(chosen)}), and there are findings of {len(found)}"
            f" ({', '.join(found)}). No verdict is given. The recording is kept: judge it again with"
            " `voicegate judge FILE`, and report this as a bug of the gate"
        )


def _run_pytest(
    arguments: Sequence[str],
    selection: str | None,
    plugin: VerdictPlugin,
    criteria: Sequence[Criterion[Limits]],
) -> None:
    select = () if selection is None else ("-k", selection)
    exit_code, said = _main((*arguments, *select), plugin)
    if exit_code == pytest.ExitCode.NO_TESTS_COLLECTED and selection is not None:
        raise _selects_nothing(selection, criteria)
    if exit_code == pytest.ExitCode.USAGE_ERROR and selection is not None and _is_refused(selection, plugin):
        raise _selects_nothing(selection, criteria, f" ({said})")
    if exit_code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise JudgingError(
            f"pytest ended with {exit_code!r} before all criteria were judged. It said: {said}"
        )


def _main(arguments: Sequence[str], plugin: VerdictPlugin) -> tuple[int, str]:
    """Run pytest over the verdict; return its exit code and what it wrote to stderr."""
    said = io.StringIO()
    with without_variables("PYTEST_"), contextlib.redirect_stderr(said):
        exit_code = pytest.main([*_ALONE, *arguments, *_TESTS], plugins=[plugin])
    return exit_code, said.getvalue().strip() or "nothing"


def _is_refused(selection: str, plugin: VerdictPlugin) -> bool:
    """Whether pytest refuses the expression for -k when it is given nothing else."""
    return _main(["--collect-only", "-k", selection], plugin)[0] == pytest.ExitCode.USAGE_ERROR


def _selects_nothing(selection: str, criteria: Sequence[Criterion[Limits]], why: str = "") -> SelectionError:
    known = ", ".join(criterion.id for criterion in criteria)
    return SelectionError(f"-k {selection!r} selects none of the criteria: {known}{why}")


_PACKAGE = Path(__file__).parent
_SWITCHED_OFF = ("terminal", "cacheprovider", "faulthandler", "unraisableexception", "threadexception")
_ALONE = (
    *("-c", os.devnull, "--rootdir", str(_PACKAGE.parent), "--confcutdir", str(_PACKAGE)),
    *("--noconftest", "--disable-plugin-autoload", "--import-mode=importlib", "--assert=plain"),
    *(word for name in _SWITCHED_OFF for word in ("-p", f"no:{name}")),
)
_TESTS = ("--pyargs", "voicegate.test_verdict")
