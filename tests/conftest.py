"""What all tests may ask for, which of them come first and beside which others, and how many may be skipped."""

import os
from typing import TYPE_CHECKING

import pytest
from scheduling import by_shared_modules, own_timeout_s

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["accessibility", "live", "with_locust"]

MOST_SKIPPED = "VOICEGATE_MOST_SKIPPED"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take longest, as its own timeout says: the workers then end together."""
    items.sort(key=own_timeout_s, reverse=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling | None":
    """Where tests share what they have started, let them run in one process."""
    return by_shared_modules(config, log) if config.getoption("dist") == "loadgroup" else None


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
