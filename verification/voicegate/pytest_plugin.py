"""The pytest plugin for a team's own suite: fixtures that drive the agent once, and give a finding for each criterion.

pytest loads this module wherever voicegate is installed, so it imports next to nothing: what a suite asks for is
imported when it asks. docs/pytest.md is its manual.
"""

from typing import TYPE_CHECKING, Any

import pytest

from voicegate.pytest_outcomes import in_pytests_terms

if TYPE_CHECKING:
    from voicegate.judge.finding import Finding
    from voicegate.judge.findings import Findings
    from voicegate.pytest_run import SuiteRun
    from voicegate.testing import JudgedRun

_FIXTURES = frozenset({"voicegate_run", "voicegate_findings", "voicegate_finding"})
_OPTIONS = (
    (
        "gate",
        "FILE",
        "gate file: how to start your agent, and the limits it must keep (gate.toml in the root)",
    ),
    ("recording", "FILE", "drive nothing: judge this recording of an earlier run"),
    ("scenario", "NAME", "what to drive: full, short, pair, … (the gate file's)"),
    ("profile", "NAME", "models the agent is to run (the gate file's)"),
    ("isolation", "KIND", "what a call runs in, process or thread (the gate file's)"),
    ("out", "DIR", "where reports go (reports/out in the root)"),
)
_RUN = pytest.StashKey["SuiteRun"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --voicegate-* options and, for each, an ini key of the same name."""
    group = parser.getgroup("voicegate", "a release gate for voice agents (voicegate)")
    for name, metavar, text in _OPTIONS:
        group.addoption(f"--voicegate-{name}", dest=f"voicegate_{name}", metavar=metavar, help=text)
        parser.addini(f"voicegate_{name}", f"{text}; --voicegate-{name} goes before it", default="")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each criterion where `voicegate_finding` is asked for."""
    if "voicegate_finding" in metafunc.fixturenames:
        metafunc.parametrize("voicegate_finding", _run(metafunc.config).criterion_ids(), indirect=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """See that the run can be made, if a test that was selected asks for it. Raises pytest.UsageError."""
    if session.config.option.collectonly or hasattr(session.config, "workerinput"):
        return  # a worker of pytest-xdist has nobody to raise it to; its fixture says the same
    if any(_FIXTURES.intersection(getattr(item, "fixturenames", ())) for item in session.items):
        _run(session.config).check()


@pytest.fixture(scope="session")
def voicegate_run(pytestconfig: pytest.Config) -> "JudgedRun":
    """Drive, record, judge and report, once for all tests: recording, findings, and the report's folder."""
    return _run(pytestconfig).judged()


@pytest.fixture(scope="session")
def voicegate_findings(voicegate_run: "JudgedRun") -> "Findings":
    """Give findings by the ids of their criteria: `voicegate_findings["C5"].require()`."""
    return voicegate_run.findings


@pytest.fixture
def voicegate_finding(voicegate_findings: "Findings", request: pytest.FixtureRequest) -> "Finding":
    """Give the finding of one criterion, PASS or FAIL; the test is made once for each criterion.

    What could not be measured is an error of set-up, what was not run is skipped.
    """
    finding = voicegate_findings[request.param]
    if finding.status.name != "FAIL":
        finding.require()
    return finding


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[Any]) -> None:
    """Report findings as outcomes; what else a test raises is left alone."""
    in_pytests_terms(call)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how the run came out and where its report is."""
    if _RUN in config.stash and (lines := config.stash[_RUN].summary()):
        terminalreporter.section("voicegate")
        for line in lines:
            terminalreporter.write_line(line)


def _run(config: pytest.Config) -> "SuiteRun":
    """Have the session's one run; it is not begun before it is asked for."""
    if _RUN not in config.stash:
        from voicegate.pytest_run import SuiteRun  # noqa: PLC0415 - half a second for those who ask

        config.stash[_RUN] = SuiteRun(config)
    return config.stash[_RUN]
