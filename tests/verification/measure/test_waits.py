"""How long callers waited: percentiles by nearest rank."""

from dataclasses import replace
from math import inf

from fakes.recordings import Run
from voicegate.measure.waits import latency_of, percentile, wait_of

TURN = Run(cycles=0).recording().turns[0]


def test_one_value_is_every_percentile() -> None:
    """There is nothing to interpolate."""
    assert [percentile([0.7], percent) for percent in (50, 95, 99)] == [0.7, 0.7, 0.7]


def test_a_percentile_is_a_value_that_was_seen() -> None:
    """Nearest rank: nothing is drawn between two neighbors, which would make few slow values look quicker."""
    assert percentile([4.0, 1.0, 2.0, 3.0], 50) == 2.0
    assert percentile([float(number) for number in range(1, 101)], 99) == 99.0
    assert percentile([*[1.0] * 49, 15.0], 99) == 15.0
    assert percentile([*[1.0] * 18, 15.0], 95) == 15.0


def test_a_wait_is_endless_without_a_reply_and_nothing_for_one_that_came_too_early() -> None:
    """A negative wait would make up for a long one."""
    assert [wait_of(replace(TURN, latency_s=latency_s)) for latency_s in (0.4, None, -0.3)] == [0.4, inf, 0.0]


def test_percentiles() -> None:
    """Median, quartiles and p95 lie between the least and the most."""
    latency = latency_of(replace(TURN, latency_s=value / 100) for value in range(1, 101))
    assert latency is not None
    assert (latency.turns, latency.least_s, latency.most_s) == (100, 0.01, 1.0)
    assert (latency.median_s, latency.p95_s) == (0.5, 0.95)
    assert (latency.lower_quartile_s, latency.upper_quartile_s) == (0.25, 0.75)


def test_single_turn() -> None:
    """One turn is its own every percentile."""
    latency = latency_of([replace(TURN, latency_s=0.4)])
    assert latency is not None
    assert (latency.least_s, latency.median_s, latency.p95_s) == (0.4, 0.4, 0.4)


def test_unanswered_turns_have_no_latency() -> None:
    """Turns without a reply are counted apart, and said; none at all gives none."""
    some = latency_of([replace(TURN, latency_s=0.4), replace(TURN, latency_s=None)])
    assert some is not None
    assert (some.turns, some.unanswered, some.p95_s) == (1, 1, 0.4)
    assert some.sentence().endswith("1 of 2 turns answered.")
    assert latency_of([replace(TURN, latency_s=None)]) is None
