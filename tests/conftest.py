"""What all tests may ask for, and how many of them may be skipped."""

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

pytest_plugins = ["live", "with_locust"]

MOST_SKIPPED = "VOICEGATE_MOST_SKIPPED"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped more tests than the environment allows: CI says how many may be, so that none go unnoticed."""
    allowed = os.environ.get(MOST_SKIPPED)
    reporter: TerminalReporter | None = session.config.pluginmanager.get_plugin("terminalreporter")
    if allowed is None or reporter is None or hasattr(session.config, "workerinput"):
        return
    skipped = sum("from_elsewhere" not in report.keywords for report in reporter.stats.get("skipped", ()))
    if skipped > int(allowed):
        reporter.write_line(f"\n{skipped} tests were skipped; {MOST_SKIPPED} allows {allowed}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
