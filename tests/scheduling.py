"""Which tests come first, and which run in one process, where several run beside each other; and which modules need not be imported."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

SHARING_MODULES = (
    "tests/agent/end_to_end/test_callers.py",
    "tests/agent/end_to_end/test_turns.py",
    "tests/agent/models/test_real_weights.py",
    "tests/agent/page/test_calls.py",
    "tests/agent/page/test_problems.py",
    "tests/distributions/test_installed.py",
    "tests/distributions/test_wheels.py",
    "tests/end_to_end/test_locust.py",
    "tests/verification/drive/test_recorded_run.py",
)
"""Their tests share an agent, a run, models or what was installed: in two processes there would be two of it."""

LONG = (
    "tests/verification/drive/page/test_page_calls.py::test_a_broken_page_fails",
    "tests/end_to_end/test_capacity.py",
    "tests/verification/drive/test_recorded_run.py",
    "tests/verification/drive/test_run.py::test_more_cycles_and_variants",
    "tests/end_to_end/test_mutants.py",
    "tests/verification/test_pytest_example.py::test_agent_is_driven",
    "tests/agent/page/test_lost_calls.py",
    "tests/agent/models/test_real_weights.py",
    "tests/side_by_side/test_benchmarks.py::test_calls",
    "tests/verification/drive/page/test_page_calls.py::test_a_good_page_passes",
    "tests/recipes/micro/test_training.py::test_a_hundred_steps",
    "tests/verification/drive/clips/test_heard_in_calls.py",
    "tests/agent/test_call_memory.py",
)
"""The tests that take longest within the ordinary timeout, the longest first. If one of them began last, the other process would be idle in the end."""

FOLDER = Path(__file__).parent


def marks_needed(expression: str) -> tuple[str, ...]:
    """List the marks that every test has which an expression of `-m` chooses; none where the expression has alternatives."""
    words = expression.split()
    if "or" in words or "(" in expression:
        return ()
    return tuple(
        word
        for before, word in zip(["", *words], words, strict=False)
        if word not in ("and", "not") and before != "not"
    )


def may_have(module: Path, marks: tuple[str, ...]) -> bool:
    """Whether a module may hold a test with all of these marks: each of them stands in the module, or in a conftest.py of a folder that it is in."""
    above = [folder / "conftest.py" for folder in module.parents if FOLDER in folder.parents]
    text = "".join(path.read_text(encoding="utf-8") for path in (module, *above) if path.is_file())
    return all(re.search(rf"\bmark\.{mark}\b", text) for mark in marks)


def first_of_all(item: pytest.Item) -> tuple[float, int]:
    """Give a key that sorts what may take longest to the front: by its own timeout, and by its place among those that are long."""
    places = (place for place, name in enumerate(LONG) if item.nodeid.startswith(name))
    return (-own_timeout_s(item), next(places, len(LONG)))


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
