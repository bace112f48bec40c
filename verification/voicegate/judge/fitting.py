"""The arithmetic of `trend.py`: apart, so that only who fits a line waits for numpy."""

from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from voicegate.judge.trend import CONFIDENCE, Growth, Trend

_MOST_CORRELATED = 0.9
_REACH = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # of an interval, in standard deviations
_JUMP = 6.0  # times the median deviation of the steps: about four times their standard deviation


def theil_sen(x: Sequence[float], y: Sequence[float]) -> Trend:
    """Fit a slope to points, two different x at least. Raises ValueError for fewer."""
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    first, second = np.triu_indices(len(xs), k=1)
    run = xs[second] - xs[first]
    rises = run != 0
    slopes = np.sort((ys[second] - ys[first])[rises] / run[rises])
    if slopes.size == 0:
        raise ValueError("a slope needs points at two different x")
    reach = _REACH * _kendall_deviation(x, y)
    low = max(0, round((slopes.size - reach) / 2) - 1)
    high = min(slopes.size - 1, round((slopes.size + reach) / 2))
    return Trend(float(np.median(slopes)), float(slopes[low]), float(slopes[high]), len(xs))


def ratio(first: Sequence[float], last: Sequence[float]) -> tuple[float, float, float]:
    """Tell how many times as large the last values are as the first: lowest, typical and highest that they allow.

    The typical ratio is the median of those of all pairs (Hodges and Lehmann 1963), its interval that of Wilcoxon's rank test: every
    value counts, and none by how far off it is. With three or four values each the interval is the range of all ratios.
    """
    ratios = np.sort(np.divide.outer(np.asarray(last, dtype=float), np.asarray(first, dtype=float)).ravel())
    deviation = np.sqrt(ratios.size * (len(first) + len(last) + 1) / 12)
    reach = _REACH * deviation
    edge = max(0, int(ratios.size / 2 - reach) - 1)
    return float(ratios[edge]), float(np.median(ratios)), float(ratios[-1 - edge])


def lasting_growth(x: Sequence[float], y: Sequence[float]) -> Growth:
    """Fit the growth of levels that follow one another; x rises. Raises ValueError for fewer than three points."""
    if len(x) < 3:
        raise ValueError("growth needs three points")
    levels = np.asarray(y, dtype=float)
    steps = np.diff(_without_spikes(levels))
    excess = steps - np.median(steps)
    every = _correlated(x, levels)
    without_rise, without_fall = (
        _correlated(x, _without_step(levels, at, excess[at]))
        for at in (int(steps.argmax()), int(steps.argmin()))
    )
    return Growth(
        Trend(
            slope=every.slope,
            low=min(every.low, without_rise.slope),
            high=max(every.high, without_fall.slope),
            points=every.points,
        ),
        without_rise,
    )


def late_growth(x: Sequence[float], y: Sequence[float], late: int) -> Growth:
    """Fit the growth of the last so many levels of all; x rises. Here the second view is without one or two rises that stand out.

    The line begins where that of the levels before ends: a line of their own would say less about so few levels. Two jumps of a heap
    are no growth that goes on.
    """
    at, levels = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    without = levels
    for _ in range(2):
        steps = np.diff(_without_spikes(without))
        largest = int(steps.argmax())
        alike = steps[-late:] if largest >= len(steps) - late else steps[:-late]
        excess = steps[largest] - np.median(alike)
        if excess > _JUMP * np.median(np.abs(steps - np.median(steps))):
            without = _without_step(without, largest, excess)
    every, rest = (_hinged(at, one, late) for one in (levels, without))
    return Growth(Trend(every.slope, min(every.low, rest.slope), every.high, late), rest)


def _hinged(x: NDArray[np.float64], levels: NDArray[np.float64], late: int) -> Trend:
    """Fit a line to the last levels, by least squares and without spikes, from the end of the line through those before.

    Each end of the interval has the confidence asked for. It knows of the spread of all levels about this line and those of both halves
    before (from the median deviation), of errors that follow one another, and that it is not certain where the line begins.
    """
    before, since = x[:-late] - x[-late - 1], x[-late:] - x[-late - 1]
    line = theil_sen(before.tolist(), levels[:-late].tolist()).slope
    begin = float(np.median(levels[:-late] - line * before))
    above = _without_spikes(np.concatenate([[begin], levels[-late:]]))[1:] - begin
    power = float((since**2).sum())
    slope = float((since * above).sum()) / power
    off = np.concatenate([*_off_halves(before, levels[:-late]), levels[-late:] - begin - slope * since])
    deviation = float(np.median(np.abs(off))) / NormalDist().inv_cdf(0.75) * _widening(off)
    leverage = 1 / power + 4 / len(before) * (float(since.sum()) / power) ** 2
    reach = NormalDist().inv_cdf(CONFIDENCE) * deviation * leverage**0.5
    return Trend(slope, slope - reach, slope + reach, late)


def _off_halves(x: NDArray[np.float64], levels: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """List how far levels are off the lines of their first and of their second half: one line would not fit growth that begins between."""
    halves = zip(np.array_split(x, 2), np.array_split(levels, 2), strict=True)
    sloped = [y - theil_sen(at.tolist(), y.tolist()).slope * at for at, y in halves]
    return [one - np.median(one) for one in sloped]


def _correlated(x: Sequence[float], levels: NDArray[np.float64]) -> Trend:
    """Fit a line, with an interval for errors that follow one another."""
    line = theil_sen(x, [float(level) for level in levels])
    wider = _widening(levels - line.slope * np.asarray(x, dtype=float))
    return Trend(
        slope=line.slope,
        low=line.slope - wider * (line.slope - line.low),
        high=line.slope + wider * (line.high - line.slope),
        points=line.points,
    )


def _without_spikes(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running medians of three: a level that is off by itself is no step up and no step down."""
    inner = np.median(np.stack([levels[:-2], levels[1:-1], levels[2:]]), axis=0)
    return np.concatenate([levels[:1], inner, levels[-1:]])


def _without_step(levels: NDArray[np.float64], at: int, excess: float) -> NDArray[np.float64]:
    """Return the levels as if the step after level `at` had been smaller by its excess over the others."""
    return np.where(np.arange(len(levels)) > at, levels - excess, levels)


def _widening(residuals: NDArray[np.float64]) -> float:
    """Return by how much an interval for independent errors is too narrow for errors of this lag-1 autocorrelation.

    The estimate of so few points is too small by about (1 + 4 r) / n (Kendall 1954), which is added.
    """
    off = residuals - np.median(residuals)
    power = float((off**2).sum())
    if power == 0:
        return 1.0
    seen = float((off[1:] * off[:-1]).sum()) / power
    r = min(_MOST_CORRELATED, max(0.0, seen + (1 + 4 * seen) / len(off)))
    return float(np.sqrt((1 + r) / (1 - r)))


def _kendall_deviation(x: Sequence[float], y: Sequence[float]) -> float:
    """Compute the standard deviation of Kendall's S for independent x and y, corrected for ties (Kendall 1970, eq. 4.4)."""
    n = len(x)
    tied_x, tied_y = Counter(x).values(), Counter(y).values()
    variance = (_v(n) - sum(map(_v, tied_x)) - sum(map(_v, tied_y))) / 18
    if n > 2:
        thirds = sum(map(_thirds, tied_x)) * sum(map(_thirds, tied_y))
        variance += thirds / (9 * n * (n - 1) * (n - 2))
    halves = sum(map(_halves, tied_x)) * sum(map(_halves, tied_y))
    variance += halves / (2 * n * (n - 1))
    return float(np.sqrt(max(0.0, variance)))


def _v(ties: int) -> int:
    return ties * (ties - 1) * (2 * ties + 5)


def _thirds(ties: int) -> int:
    return ties * (ties - 1) * (ties - 2)


def _halves(ties: int) -> int:
    return ties * (ties - 1)
