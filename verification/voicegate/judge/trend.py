"""Growth of measured levels as a straight line, with an interval that knows of levels that follow one another.

The line is Theil's and Sen's: the median of all pairwise slopes. Chosen over least squares because memory levels come with outliers (a process that was still starting, a
collection that had not run yet) and without normal errors: up to 29 % of the points may be arbitrarily wrong
before the estimate follows them. The interval is Sen's (1968), from the distribution of Kendall's S with
corrections for ties; with few points it widens to the range of all pairwise slopes.

That interval is for independent errors. Where each level follows from the one before (`lasting_growth`), it is widened by what
the lag-1 autocorrelation of the residuals takes from their number, and holds what the slope would be without the largest single
step up or down: one jump of a heap is one event, and no evidence of growth that goes on. Growth that is certain even without the
largest rise is certain.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
"""Of every interval: usual, and not to be turned down until a verdict comes out."""

_MOST_CORRELATED = 0.9


@dataclass(frozen=True, slots=True)
class Trend:
    """A slope in units of y per unit of x, and the interval it lies in with the confidence asked for."""

    slope: float
    low: float
    high: float
    points: int


def theil_sen(x: Sequence[float], y: Sequence[float], confidence: float) -> Trend:
    """Fit a slope to points, two different x at least. Raises ValueError for fewer."""
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    first, second = np.triu_indices(len(xs), k=1)
    run = xs[second] - xs[first]
    rises = run != 0
    slopes = np.sort((ys[second] - ys[first])[rises] / run[rises])
    if slopes.size == 0:
        raise ValueError("a slope needs points at two different x")
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * _kendall_deviation(x, y)
    low = max(0, round((slopes.size - reach) / 2) - 1)
    high = min(slopes.size - 1, round((slopes.size + reach) / 2))
    return Trend(float(np.median(slopes)), float(slopes[low]), float(slopes[high]), len(xs))


@dataclass(frozen=True, slots=True)
class Growth:
    """How levels grow from one to the next: the trend, and what it would be without the largest single rise."""

    trend: Trend
    without_largest_rise: Trend

    @property
    def least(self) -> float:
        """Growth that is certain in the one view or the other: leaving out a rise only makes it less."""
        return max(self.trend.low, self.without_largest_rise.low)


def lasting_growth(x: Sequence[float], y: Sequence[float], confidence: float) -> Growth:
    """Fit the growth of levels that follow one another; x rises. Raises ValueError for fewer than three points."""
    if len(x) < 3:
        raise ValueError("growth needs three points")
    levels = np.asarray(y, dtype=float)
    steps = np.diff(_without_spikes(levels))
    every = _correlated(x, levels, confidence)
    without_rise = _correlated(x, _without_step(levels, int(steps.argmax()), steps), confidence)
    without_fall = _correlated(x, _without_step(levels, int(steps.argmin()), steps), confidence)
    return Growth(
        Trend(
            slope=every.slope,
            low=min(every.low, without_rise.slope),
            high=max(every.high, without_fall.slope),
            points=every.points,
        ),
        without_rise,
    )


def _correlated(x: Sequence[float], levels: NDArray[np.float64], confidence: float) -> Trend:
    """Fit a line, with an interval for errors that follow one another."""
    line = theil_sen(x, [float(level) for level in levels], confidence)
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


def _without_step(levels: NDArray[np.float64], at: int, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the levels as if the step after level `at` had been as large as most."""
    excess = steps[at] - np.median(steps)
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
