"""The cells of the table."""

from itertools import product

import pytest
from voicegate.prove.proof import Expected
from voicegate.prove.report import MARKS, cell
from voicegate.report.verdict import StatusName


@pytest.mark.parametrize(
    ("status", "expected", "meaning", "color"),
    [
        ("fail", "fail", "failed, as it must", "pass"),
        ("fail", "error", "failed without a reason", "fail"),
        ("fail", None, "failed without a reason", "fail"),
        ("pass", "fail", "had to be caught and was not", "fail"),
        ("pass", "error", "had to be caught and was not", "fail"),
        ("pass", None, "passed, as it must", "not_run"),
        ("not_run", "fail", "had to be caught and was not", "fail"),
        ("not_run", "error", "had to be caught and was not", "fail"),
        ("not_run", None, "not run", "not_run"),
        ("error", "error", "could not be measured, as it must be", "pass"),
        ("error", "fail", "could not be measured", "error"),
        ("error", None, "could not be measured", "error"),
    ],
)
def test_every_pair_has_its_mark(status: StatusName, expected: Expected, meaning: str, color: str) -> None:
    """Each mark says what it means."""
    found = cell(status, expected=expected)
    assert (MARKS[found.text], found.status) == (meaning, color)


def test_a_mark_never_means_good_and_bad() -> None:
    """Whoever sees a mark without its color knows whether it is good."""
    statuses: tuple[StatusName, ...] = ("pass", "fail", "error", "not_run")
    wanted: tuple[Expected, ...] = ("fail", "error", None)
    cells = [cell(status, expected=expected) for status, expected in product(statuses, wanted)]
    assert len({(one.text, one.status) for one in cells}) == len({one.text for one in cells})
