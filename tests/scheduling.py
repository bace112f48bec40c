"""Which tests come first, and which run in one process, where several run beside each other."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

SHARING_MODULES = (
    "tests/agent/end_to_end/test_callers.py",
    "tests/agent/end_to_end/test_turns.py",
    "tests/agent/page/test_calls.py",
    "tests/end_to_end/test_locust.py",
    "tests/verification/drive/test_recorded_run.py",
)
"""Their tests share an agent or a run: in two processes there would be two of it."""


def own_timeout_s(item: pytest.Item) -> float:
    """Give the timeout that a test is marked with."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0.0


def unit_of(nodeid: str) -> str:
    """Name what is handed to one process as a whole: a test, or a module whose tests share something."""
    module = nodeid.partition("::")[0]
    return module if module in SHARING_MODULES else nodeid


def by_shared_modules(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling":
    """Make a scheduler of these units. The mark `xdist_group` does nothing with pytest 9.2 (xdist 3.8 writes it into an attribute that pytest no longer reads)."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only the process that hands out needs it

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = unit_of
    return scheduler
