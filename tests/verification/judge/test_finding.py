"""Findings and measurements."""

from dataclasses import replace
from math import nan

import pytest
from voicegate.judge.finding import Bound, Finding, Measurement, Side, Status, describe, overall


def measure(
    value: float, side: Side, limit: float, low: float | None = None, high: float | None = None
) -> Measurement:
    """Make a measurement in bytes."""
    return Measurement("size", value, "bytes", "tree PSS", Bound(side, limit), samples=3, low=low, high=high)


@pytest.mark.parametrize(
    ("side", "passing"),
    [
        (Side.BELOW, {99}),
        (Side.AT_MOST, {99, 100}),
        (Side.AT_LEAST, {100, 101}),
        (Side.EXACTLY, {100}),
    ],
)
def test_each_side_of_a_limit(side: Side, passing: set[int]) -> None:
    """Limit−1, limit and limit+1 fall on the side the bound names."""
    assert {value for value in (99, 100, 101) if measure(value, side, 100).status is Status.PASS} == passing


def test_interval_around_the_limit_decides_nothing() -> None:
    """A value whose interval has the limit inside it is an error, on both sides of the limit."""
    assert measure(95, Side.BELOW, 100, 90, 100).status is Status.ERROR
    assert measure(105, Side.BELOW, 100, 99, 120).status is Status.ERROR


def test_interval_around_the_only_value_that_is_allowed_decides_nothing() -> None:
    """Both of its ends are wrong, and the value may be right all the same."""
    assert measure(100, Side.EXACTLY, 100, 99, 101).status is Status.ERROR
    assert measure(100, Side.EXACTLY, 100, 100, 101).status is Status.ERROR
    assert measure(105, Side.EXACTLY, 100, 101, 109).status is Status.FAIL


@pytest.mark.parametrize("side", Side)
def test_what_is_no_number_decides_nothing(side: Side) -> None:
    """A judge that divides nothing by nothing has measured nothing: it neither passes nor fails."""
    assert measure(nan, side, 100).status is Status.ERROR
    assert measure(nan, side, 100, 90, 99).status is Status.ERROR
    assert measure(95, side, 100, 90, nan).status is Status.ERROR


def test_interval_on_one_side_decides() -> None:
    """An interval that clears the limit passes or fails as a whole."""
    assert measure(95, Side.BELOW, 100, 90, 99).status is Status.PASS
    assert measure(105, Side.BELOW, 100, 100, 120).status is Status.FAIL


def test_margin_is_positive_inside_the_limit() -> None:
    """The margin is the distance to the limit, negative outside."""
    assert measure(90, Side.AT_MOST, 100).margin == 10
    assert measure(90, Side.AT_LEAST, 100).margin == -10
    assert measure(90, Side.EXACTLY, 100).margin == -10


def test_headline_is_what_failed_then_what_came_nearest() -> None:
    """The headline is the failed measurement, else the one with the smallest part of its limit left."""
    near, far, failed = (measure(value, Side.BELOW, 100) for value in (90, 10, 101))
    assert finding_of(far, near).headline == near
    assert finding_of(near, failed).headline == failed


def test_counts_are_a_headline_only_if_nothing_else_was_measured() -> None:
    """How much of its limit is left says nothing of a number that must be exact, or of a limit of nothing."""
    near, far = measure(0, Side.AT_MOST, 0), measure(10, Side.BELOW, 100)
    count = Measurement("calls", 5, "count", "calls", Bound(Side.EXACTLY, 5), samples=5)
    assert finding_of(near, count, far).headline == far
    assert finding_of(count, far).headline == far
    assert finding_of(count).headline == count
    assert finding_of().headline is None


@pytest.mark.parametrize("decided", [Status.PASS, Status.FAIL, Status.ERROR])
def test_a_judge_may_decide_by_a_rule_of_its_own(decided: Status) -> None:
    """Whatever the interval says."""
    assert replace(measure(95, Side.BELOW, 100, 90, 99), decided=decided).status is decided
    assert replace(measure(105, Side.BELOW, 100, 101, 110), decided=decided).status is decided


def test_a_finding_as_text() -> None:
    """An interval and the time of measuring are told where they are known; a reason goes before what was measured."""
    known = replace(measure(2e6, Side.BELOW, 4e6, 1e6, 3e6), window_s=3.0)
    assert describe(known) == (
        "size: 2.0 MB [1.0 MB to 3.0 MB], limit < 4.0 MB (tree PSS, 3 samples over 3.0 s)"
    )
    for half in (replace(known, low=None), replace(known, high=None, window_s=None)):
        assert "[" not in describe(half)
    assert describe(replace(known, window_s=None)).endswith("(tree PSS, 3 samples)")
    assert finding_of(known).short() == "size (tree PSS)"
    assert replace(finding_of(known), reason="it grew").short() == "it grew"
    assert finding_of().short() == ""


def test_status_is_not_a_truth_value() -> None:
    """A status is compared, not tested for truth: the enum defines no truth of its own."""
    assert "__bool__" not in vars(Status)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Status.PASS, Status.PASS], Status.PASS),
        ([Status.PASS, Status.NOT_RUN], Status.PASS),
        ([Status.PASS, Status.ERROR], Status.ERROR),
        ([Status.ERROR, Status.FAIL, Status.PASS], Status.FAIL),
        ([Status.NOT_RUN], Status.ERROR),
        ([], Status.ERROR),
    ],
)
def test_overall(statuses: list[Status], expected: Status) -> None:
    """One failure fails the whole; nothing passed at all is not a pass."""
    assert overall(Finding("id", "title", status, "") for status in statuses) is expected


def finding_of(*measurements: Measurement) -> Finding:
    """Make a finding of these measurements."""
    return Finding("id", "title", Status.PASS, "", measurements=measurements)
