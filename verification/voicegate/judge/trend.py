"""Growth of measured levels, seen in two robust ways: as a straight line, and as the typical step.

The line is Theil's and Sen's: the median of all pairwise slopes. Chosen over least squares because memory levels come with outliers (a process that was still starting, a
collection that had not run yet) and without normal errors: up to 29 % of the points may be arbitrarily wrong
before the estimate follows them. The interval is Sen's (1968), from the distribution of Kendall's S with
corrections for ties; with few points it widens to the range of all pairwise slopes.

The typical step is the median of the steps between neighbors, with the binomial interval of a median. One jump in the
middle of a series tilts the line, and not the typical step; noise widens the interval of the step far more than that
of the line.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from statistics import NormalDist, median

import numpy as np


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


def typical_step(x: Sequence[float], y: Sequence[float], confidence: float) -> Trend:
    """Find the median step per unit of x between neighbors; x rises. Raises ValueError for fewer than two points."""
    points = list(zip(x, y, strict=True))
    steps = sorted((after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(points))
    if not steps:
        raise ValueError("a step needs two points")
    outside = _outside_median(len(steps), confidence)
    return Trend(median(steps), steps[outside], steps[-1 - outside], len(points))


def _outside_median(n: int, confidence: float) -> int:
    """Count how many of n sorted values lie outside the median's interval at each end."""
    outside, chance = 0, 0.0
    while (chance := chance + comb(n, outside) / 2**n) <= (1 - confidence) / 2:
        outside += 1
    return max(0, outside - 1)


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
