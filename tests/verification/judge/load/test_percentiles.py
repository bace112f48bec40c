"""Percentiles, and when there are too few values for them."""

from math import inf

import pytest
from voicegate.judge.finding import Status
from voicegate.judge.load.percentiles import Target, held_against


@pytest.mark.parametrize(("percent", "least"), [(50, 2), (95, 20), (99, 100)])
def test_a_percentile_needs_values_beyond_it(percent: int, least: int) -> None:
    """One in a hundred is not seen in ninety-nine."""
    assert Target(percent, 1.0).least_values == least


def test_waits_without_end_are_the_longest() -> None:
    """They fail a percentile that falls among them, and no other."""
    waits_s = [*[1.0] * 9, inf]
    (measurement,), _ = held_against("wait", waits_s, [Target(95, 3.0)])
    (quick,), _ = held_against("wait", waits_s, [Target(90, 3.0)])
    assert (measurement.status, quick.status) == (Status.FAIL, Status.PASS)
    assert (measurement.value_text, measurement.margin) == ("∞ s", -inf)


@pytest.mark.parametrize(
    ("value_s", "status"), [(2.999, Status.PASS), (3.0, Status.PASS), (3.001, Status.FAIL)]
)
def test_limit(value_s: float, status: Status) -> None:
    """At most the limit."""
    (measurement,), _ = held_against("wait", [value_s] * 5, [Target(50, 3.0)])
    assert measurement.status is status


@pytest.mark.parametrize(("count", "warned"), [(19, True), (20, False)])
def test_too_few_values_are_judged_with_a_warning(count: int, warned: bool) -> None:
    """What was seen is held against the limit all the same."""
    measurements, caveats = held_against("wait", [1.0] * count, [Target(95, 3.0)])
    assert len(measurements) == 1
    assert bool(caveats) is warned
