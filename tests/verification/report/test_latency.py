"""Latency percentiles."""

from dataclasses import replace

from fakes.recordings import Run
from voicegate.report.latency import latency_of

TURN = Run(cycles=0).recording().turns[0]


def test_percentiles() -> None:
    """Median, quartiles and p95 lie between the least and the most."""
    latency = latency_of(replace(TURN, latency_s=value / 100) for value in range(1, 101))
    assert latency is not None
    assert (latency.turns, latency.least_s, latency.most_s) == (100, 0.01, 1.0)
    assert latency.median_s == 0.5
    assert latency.p95_s == 0.95
    assert latency.lower_quartile_s < latency.median_s < latency.upper_quartile_s


def test_single_turn() -> None:
    """One turn is its own every percentile."""
    latency = latency_of([replace(TURN, latency_s=0.4)])
    assert latency is not None
    assert (latency.least_s, latency.median_s, latency.p95_s) == (0.4, 0.4, 0.4)


def test_unanswered_turns_have_no_latency() -> None:
    """Turns without a reply do not count; none at all gives none."""
    assert latency_of([replace(TURN, latency_s=None)]) is None


def test_a_reply_that_came_too_early_was_not_waited_for() -> None:
    """As for the criteria: it counts as no wait, not as less than none."""
    latency = latency_of([replace(TURN, latency_s=-0.3), replace(TURN, latency_s=0.4)])
    assert latency is not None
    assert (latency.least_s, latency.most_s) == (0.0, 0.4)
