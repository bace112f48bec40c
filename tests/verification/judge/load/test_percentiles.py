"""Percentiles, and when there are too few values for them."""

from math import inf

import pytest
from voicegate.judge.finding import Status
from voicegate.judge.load.percentiles import Target, held_against, percentile


@pytest.mark.parametrize(("percent", "least"), [(50, 2), (95, 20), (99, 100)])
def test_a_percentile_needs_values_beyond_it(percent: int, least: int) -> None:
    """One in a hundred is not seen in ninety-nine."""
    assert Target(percent, 1.0).least_values == least


def test_one_value_is_every_percentile() -> None:
    """There is nothing to interpolate."""
    assert [percentile([0.7], percent) for percent in (50, 95, 99)] == [0.7, 0.7, 0.7]


def test_a_percentile_is_a_value_that_was_seen() -> None:
    """Nearest rank: nothing is drawn between two neighbors, which would make few slow values look quicker."""
    assert percentile([4.0, 1.0, 2.0, 3.0], 50) == 2.0
    assert percentile([float(number) for number in range(1, 101)], 99) == 99.0
    assert percentile([*[1.0] * 49, 15.0], 99) == 15.0
    assert percentile([*[1.0] * 18, 15.0], 95) == 15.0


def test_waits_without_end_are_the_longest() -> None:
    """They fail a percentile that falls among them, and no other."""
    waits_s = [*[1.0] * 9, inf]
    assert (percentile(waits_s, 90), percentile(waits_s, 95)) == (1.0, inf)
    (measurement,), _ = held_against("wait", waits_s, [Target(95, 3.0)])
    assert measurement.status is Status.FAIL
    assert (measurement.value_text, measurement.margin_text) == ("∞ s", "−∞ s")


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
    measurements, doubts = held_against("wait", [1.0] * count, [Target(95, 3.0)])
    assert len(measurements) == 1
    assert bool(doubts) is warned
