"""The robust straight line."""

import random

import pytest
from voicegate.judge.fitting import lasting_growth, ratio, theil_sen


def test_exact_line_has_an_exact_slope() -> None:
    """Points on a line give its slope and an interval of no width."""
    trend = theil_sen(range(10), [3 * x + 7 for x in range(10)])
    assert (trend.slope, trend.low, trend.high, trend.points) == (3, 3, 3, 10)


def test_one_outlier_does_not_move_it() -> None:
    """A single wild point leaves the slope where it was."""
    y = [3.0 * x for x in range(10)]
    y[4] = 1e6
    assert theil_sen(range(10), y).slope == pytest.approx(3)


def test_interval_holds_the_true_slope_as_often_as_promised() -> None:
    """Over many noisy series, also with ties in x, the 95 % interval contains the true slope about that often."""
    draw = random.Random(4)
    x = [0, 1, 0, 3, 5, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    held = 0
    for _ in range(400):
        trend = theil_sen(x, [40 * calls + draw.gauss(0, 5) for calls in x])
        held += trend.low <= 40 <= trend.high
    assert 0.92 <= held / 400 <= 1


def test_two_points_give_their_slope() -> None:
    """With two points the interval is all there is."""
    trend = theil_sen([0, 2], [0, 10])
    assert (trend.low, trend.slope, trend.high) == (5, 5, 5)


def test_one_x_has_no_slope() -> None:
    """Points above each other have no slope."""
    with pytest.raises(ValueError, match="two different x"):
        theil_sen([1, 1], [0, 10])


def test_agrees_with_scipy() -> None:
    """Slope and interval are those of `scipy.stats.theilslopes` 1.17 for the same points, ties in x included."""
    x = [0, 1, 0, 3, 5, 0, 1, 0, 1, 0, 1, 0]
    y = [1330.0, 1372.5, 1331.0, 1449.0, 1533.5, 1334.0, 1370.0, 1329.5, 1376.0, 1333.0, 1371.5, 1328.0]
    trend = theil_sen(x, y)
    assert (trend.slope, trend.low, trend.high) == pytest.approx((40.5, 38.75, 42.25))


def test_growth_of_a_line_is_the_line() -> None:
    """No step is larger than the others, and no error follows another."""
    growth = lasting_growth(range(10), [3.0 * x for x in range(10)])
    assert (growth.trend.low, growth.trend.slope, growth.trend.high) == (3, 3, 3)
    assert growth.without_largest_rise.slope == 3


def test_one_jump_is_no_growth() -> None:
    """The slope follows it, and the interval says that there may be none."""
    growth = lasting_growth(range(11), [0.0] * 5 + [20.0] * 6)
    assert growth.trend.slope > 2
    assert growth.trend.low <= 0
    assert growth.without_largest_rise.slope == 0


def test_one_level_that_is_off_is_no_jump() -> None:
    """It neither hides growth nor makes any."""
    y = [2.0 * x for x in range(21)]
    y[9] += 60
    growth = lasting_growth(range(21), y)
    assert growth.least == pytest.approx(2, abs=0.15)
    assert growth.without_largest_rise.slope == pytest.approx(2, abs=0.15)


def test_interval_is_wider_where_errors_follow_one_another() -> None:
    """A walk says less about its slope than the same steps in another order."""
    walk = [0.0, 2, 3, 5, 6, 6, 5, 4, 2, 1, 0, 1, 3, 5, 6, 6, 5, 3, 2, 0, 0]
    mixed = walk[::2] + walk[1::2]
    plain, wide = theil_sen(range(21), walk), lasting_growth(range(21), walk).trend
    assert wide.high - wide.low > 1.5 * (plain.high - plain.low)
    assert lasting_growth(range(21), mixed).trend.points == 21


def test_ratio_of_few_values_is_as_wide_as_they_allow() -> None:
    """Of four and four values no pair may be left out."""
    assert ratio([1, 2, 1, 2], [3, 3, 3, 6]) == (1.5, 3.0, 6.0)


def test_ratio_follows_most_values_and_not_the_odd_one() -> None:
    """Neither one very slow value nor one fast one moves it."""
    first = [1.0, 1.01, 1.02, 1.03, 0.98, 0.99, 40.0]
    _, typical, _ = ratio(first, [0.5, *(2 * one for one in first[:6])])
    assert 1.9 < typical < 2.1


def test_ratio_of_many_values_holds_the_true_one_as_often_as_promised() -> None:
    """Waits of a seventh more or less, 21 against 21, twice as long: 95 % of the intervals contain 2."""
    draw = random.Random(5)
    inside = 0
    for _ in range(400):
        first, last = ([draw.lognormvariate(0, 0.15) for _ in range(21)] for _ in range(2))
        low, _, high = ratio(first, [2 * one for one in last])
        inside += low <= 2 <= high
    assert 0.92 <= inside / 400 <= 0.99


def test_two_points_show_no_growth_that_lasts() -> None:
    """There is no step beside which the largest could be left out."""
    with pytest.raises(ValueError, match="three points"):
        lasting_growth([0, 1], [0, 1])
