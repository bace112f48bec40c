"""The cells of the table."""

from itertools import product

import pytest
from voicegate.prove.table import cell
from voicegate.report.verdict import StatusName


@pytest.mark.parametrize(
    ("status", "expected", "meaning", "tone"),
    [
        ("fail", True, "failed, as it must", "good"),
        ("fail", False, "failed without a reason", "bad"),
        ("pass", True, "had to fail and did not", "bad"),
        ("pass", False, "passed, as it must", "idle"),
        ("not_run", True, "had to fail and did not", "bad"),
        ("not_run", False, "not run", "idle"),
        ("error", True, "could not be measured", "unsure"),
        ("error", False, "could not be measured", "unsure"),
    ],
)
def test_every_pair_has_its_mark(status: StatusName, expected: bool, meaning: str, tone: str) -> None:
    """Each mark says what it means."""
    found = cell(status, expected=expected)
    assert (found.meaning, found.tone) == (meaning, tone)


def test_a_mark_never_means_good_and_bad() -> None:
    """Whoever sees a mark without its color knows whether it is good."""
    statuses: tuple[StatusName, ...] = ("pass", "fail", "error", "not_run")
    cells = [cell(status, expected=expected) for status, expected in product(statuses, (True, False))]
    assert len({(one.mark, one.tone) for one in cells}) == len({one.mark for one in cells})
