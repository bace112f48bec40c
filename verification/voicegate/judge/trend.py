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

from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
"""Of every interval: usual, and not to be turned down until a verdict comes out."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A slope in units of y per unit of x, and the interval it lies in with the confidence asked for."""

    slope: float
    low: float
    high: float
    points: int


@dataclass(frozen=True, slots=True)
class Growth:
    """How levels grow from one to the next: the trend, and what it would be without the largest single rise."""

    trend: Trend
    without_largest_rise: Trend

    @property
    def least(self) -> float:
        """Growth that is certain in the one view or the other: leaving out a rise only makes it less."""
        return max(self.trend.low, self.without_largest_rise.low)


def theil_sen(x: Sequence[float], y: Sequence[float], confidence: float) -> Trend:
    """Fit a slope to points, two different x at least. Raises ValueError for fewer."""
    from voicegate.judge.fitting import theil_sen as fit  # noqa: PLC0415 - numpy, which every command would wait for

    return fit(x, y, confidence)


def ratio(first: Sequence[float], last: Sequence[float], confidence: float) -> tuple[float, float, float]:
    """Tell how many times as large the last values are as the first: lowest, typical and highest that they allow.

    The typical ratio is the median of those of all pairs (Hodges and Lehmann 1963), its interval that of Wilcoxon's rank test: every
    value counts, and none by how far off it is. With three or four values each the interval is the range of all ratios.
    """
    from voicegate.judge.fitting import ratio as fit  # noqa: PLC0415 - numpy, which every command would wait for

    return fit(first, last, confidence)


def lasting_growth(x: Sequence[float], y: Sequence[float], confidence: float) -> Growth:
    """Fit the growth of levels that follow one another; x rises. Raises ValueError for fewer than three points."""
    from voicegate.judge.fitting import lasting_growth as fit  # noqa: PLC0415 - numpy, which every command would wait for

    return fit(x, y, confidence)


def late_growth(x: Sequence[float], y: Sequence[float], late: int, confidence: float) -> Growth:
    """Fit the growth of the last so many levels of all; x rises. Here the second view is without one or two rises that stand out.

    The line begins where that of the levels before ends: a line of their own would say less about so few levels. Two jumps of a heap
    are no growth that goes on.
    """
    from voicegate.judge.fitting import late_growth as fit  # noqa: PLC0415 - numpy, which every command would wait for

    return fit(x, y, late, confidence)
