"""What README, docs and the packaged gate file say about the criteria is what the criteria say."""

from collections import Counter
from pathlib import Path

import pytest
from criteria_pages import (
    FILES,
    PLACES,
    SCHEMAS,
    limits_in_order,
    names_in,
    number,
    owners,
    renewed,
)
from voicegate.judge.registry import Limits


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_nothing_is_stale(path: Path) -> None:
    """`nox -s docs` renews what the criteria say."""
    text = path.read_text(encoding="utf-8")
    assert names_in(text)
    assert renewed(text) == text


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: str(path.name))
def test_schemas_are_current(path: Path) -> None:
    """`nox -s docs` writes them again."""
    assert path.read_text(encoding="utf-8") == SCHEMAS[path]()


def test_every_place_is_in_one_file() -> None:
    """No table is made for nobody, and none twice."""
    found = Counter(name for path in FILES for name in names_in(path.read_text(encoding="utf-8")))
    assert found == Counter(PLACES.keys())


def test_what_is_between_markers_is_replaced() -> None:
    """And nothing else."""
    stale = "before\n# made by `nox -s docs`: limits\n# gap_s = 7\n# end of limits\nafter\n"
    new = renewed(stale)
    assert new.startswith("before\n# made by `nox -s docs`: limits\n# settled_window_s = 3.0")
    assert new.endswith("\n# end of limits\nafter\n")
    assert "# gap_s = 7" not in new
    assert renewed(new) == new


def test_every_limit_is_shown_with_its_criteria() -> None:
    """In the order of the criteria, each once."""
    assert set(limits_in_order()) == set(Limits.model_fields)
    assert owners("extra_connection_bytes") == "C5"
    assert owners("cycles_needed") == "C6, G9"
    assert all(owners(name) for name in Limits.model_fields)


@pytest.mark.parametrize(
    ("value", "text"), [(3, "3"), (2_000_000_000, "2_000_000_000"), (3.0, "3.0"), (0.05, "0.05")]
)
def test_defaults_read_as_in_a_gate_file(value: float, text: str) -> None:
    """With underscores in long numbers."""
    assert number(value) == text
