"""The pytest plugin of the benchmarks: measures in turns, keeps the ratios, compares them with those of earlier runs.

Runs, rounds, timers and files are pytest-benchmark's. A benchmark that is certainly slower makes the run fail.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.session import BenchmarkSession
from rich.console import Console
from side_by_side.comparison import Comparison, ComparisonOutcome, compare
from side_by_side.history import entry_of
from side_by_side.machine import CpuUse, cpu_use
from side_by_side.measured import BenchmarkRun, in_order, read_run
from side_by_side.shown import show, to_markdown
from side_by_side.turns import SideBySide
from voicegate.history.history_file import HISTORY, append_entry

SUMMARY = "summary.md"

_EVERY_RUN = "*/[0-9][0-9][0-9][0-9]_"
_WIDTH_OF_A_FILE = 150

_earlier = pytest.StashKey[Sequence[BenchmarkRun]]()
_now = pytest.StashKey[BenchmarkRun]()
_comparison = pytest.StashKey[Comparison]()


@pytest.fixture
def read_cpu_use() -> Callable[[], CpuUse]:
    """Give what tells how much CPU time was used until now."""
    return cpu_use


@pytest.fixture
def side_by_side(benchmark: BenchmarkFixture, read_cpu_use: Callable[[], CpuUse]) -> SideBySide:
    """Give what measures two ways in turns."""
    return SideBySide(benchmark, read_cpu_use)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the runs that were saved before this one, or those that `--benchmark-compare=NUMBER` names."""
    chosen = session.config.getoption("benchmark_compare")
    files = f"*/{chosen}" if isinstance(chosen, str) else _EVERY_RUN
    loaded = _storage(session.config).load(files)
    session.config.stash[_earlier] = in_order(read_run(saved, str(path)) for path, saved in loaded)


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Say how many cores may be used, and forget the clock rates, which differ every time."""
    machine_info["usable_cores"] = len(os.sched_getaffinity(0))
    for name in [name for name in machine_info.get("cpu", {}) if name.startswith("hz_")]:
        del machine_info["cpu"][name]


def pytest_benchmark_update_json(config: pytest.Config, output_json: Mapping[str, Any]) -> None:
    """Look at what is about to be saved: it is what will be compared with next time."""
    config.stash[_now] = read_run(output_json)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Compare, write the summary, and let the run fail when something is certainly slower."""
    stash = session.config.stash
    if _now not in stash:
        return
    stash[_comparison] = compare(stash[_now], stash[_earlier])
    summary = Path(_storage(session.config).path) / SUMMARY
    summary.write_text(to_markdown(stash[_comparison]), encoding="utf-8")
    entry = entry_of(stash[_now], stash[_comparison], session.config.getoption("--profile", default=""))
    if entry.figures:
        append_entry(summary.parents[1] / HISTORY, entry)
    if stash[_comparison].with_outcome(ComparisonOutcome.SLOWER) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the table and what is worse, after what others have to say."""
    comparison = config.stash.get(_comparison, None)
    if comparison is None:
        return
    terminalreporter.section("benchmarks")
    terminalreporter.flush()
    console = Console(width=None if terminalreporter.isatty else _WIDTH_OF_A_FILE, highlight=False)
    show(console, comparison)
    console.print(f"Runs are kept in {_storage(config).path}", markup=False, soft_wrap=True)


def _storage(config: pytest.Config) -> Any:
    session = config.pluginmanager.get_plugin("pytest-benchmark")
    assert isinstance(session, BenchmarkSession)
    return session.storage
