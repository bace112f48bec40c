"""The robust straight line."""

import random

import pytest
from voicegate.judge.trend import theil_sen, typical_step


def test_exact_line_has_an_exact_slope() -> None:
    """Points on a line give its slope and an interval of no width."""
    trend = theil_sen(range(10), [3 * x + 7 for x in range(10)], 0.95)
    assert (trend.slope, trend.low, trend.high, trend.points) == (3, 3, 3, 10)


def test_one_outlier_does_not_move_it() -> None:
    """A single wild point leaves the slope where it was."""
    y = [3.0 * x for x in range(10)]
    y[4] = 1e6
    assert theil_sen(range(10), y, 0.95).slope == pytest.approx(3)


def test_interval_holds_the_true_slope_as_often_as_promised() -> None:
    """Over many noisy series, also with ties in x, the 95 % interval contains the true slope about that often."""
    draw = random.Random(4)
    x = [0, 1, 0, 3, 5, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    held = 0
    for _ in range(400):
        trend = theil_sen(x, [40 * calls + draw.gauss(0, 5) for calls in x], 0.95)
        held += trend.low <= 40 <= trend.high
    assert 0.92 <= held / 400 <= 1


def test_two_points_give_their_slope() -> None:
    """With two points the interval is all there is."""
    trend = theil_sen([0, 2], [0, 10], 0.95)
    assert (trend.low, trend.slope, trend.high) == (5, 5, 5)


def test_one_x_has_no_slope() -> None:
    """Points above each other have no slope."""
    with pytest.raises(ValueError, match="two different x"):
        theil_sen([1, 1], [0, 10], 0.95)


def test_agrees_with_scipy() -> None:
    """Slope and interval are those of `scipy.stats.theilslopes` 1.17 for the same points, ties in x included."""
    x = [0, 1, 0, 3, 5, 0, 1, 0, 1, 0, 1, 0]
    y = [1330.0, 1372.5, 1331.0, 1449.0, 1533.5, 1334.0, 1370.0, 1329.5, 1376.0, 1333.0, 1371.5, 1328.0]
    trend = theil_sen(x, y, 0.95)
    assert (trend.slope, trend.low, trend.high) == pytest.approx((40.5, 38.75, 42.25))


def test_typical_step_is_the_median_with_its_interval() -> None:
    """Ten steps have the second and the ninth as the ends of their 95 % interval."""
    y = [0.0]
    for step in (9, 1, 8, 2, 7, 3, 6, 4, 5, 10):
        y.append(y[-1] + step)
    trend = typical_step(range(11), y, 0.95)
    assert (trend.low, trend.slope, trend.high, trend.points) == (2, 5.5, 9, 11)


def test_typical_step_ignores_a_jump() -> None:
    """One jump among even levels is not typical."""
    assert typical_step(range(11), [0.0] * 5 + [20.0] * 6, 0.95).high == 0


def test_typical_step_counts_per_unit_of_x() -> None:
    """A missing level makes a step of two, which counts half."""
    assert typical_step([0, 1, 3, 4], [0, 5, 15, 20], 0.95).slope == 5


def test_few_steps_give_their_range() -> None:
    """With few steps the interval is all there is; with none there is no step."""
    trend = typical_step([0, 1, 2], [0, 1, 4], 0.95)
    assert (trend.low, trend.high) == (1, 3)
    with pytest.raises(ValueError, match="two points"):
        typical_step([0], [1], 0.95)
