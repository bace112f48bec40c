"""What all tests may ask for, which of them come first and beside which others, and how many may be skipped."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scheduling import by_shared_modules, first_of_all, marks_needed, may_have

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["accessibility", "live", "undrawn", "with_locust"]

MOST_SKIPPED = "VOICEGATE_MOST_SKIPPED"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take longest: the workers then end together."""
    items.sort(key=first_of_all)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules that cannot hold a test with the marks asked for: to import all of them takes each process ten seconds."""
    needed = marks_needed(config.option.markexpr)
    is_module = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return True if needed and is_module and not may_have(collection_path, needed) else None


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
