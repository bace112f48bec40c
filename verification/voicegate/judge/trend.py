"""Growth of measured levels as a straight line, with an interval that knows of levels that follow one another; fitted in `fitting.py`.

The line is Theil's and Sen's: the median of all pairwise slopes. Chosen over least squares because memory levels come with outliers (a process that was still starting, a
collection that had not run yet) and without normal errors: up to 29 % of the points may be arbitrarily wrong
before the estimate follows them. The interval is Sen's (1968), from the distribution of Kendall's S with
corrections for ties; with few points it widens to the range of all pairwise slopes.

That interval is for independent errors. Where each level follows from the one before (`lasting_growth`), it is widened by what
the lag-1 autocorrelation of the residuals takes from their number, and holds what the slope would be without the largest single
step up or down: one jump of a heap is one event, and no evidence of growth that goes on. Growth that is certain even without the
largest rise is certain.
"""

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
