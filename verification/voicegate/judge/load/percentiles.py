"""Percentiles by nearest rank, which say when there were too few values for them.

The percentile p of n values is the value of rank ceil(p / 100 * n): a value that was really seen, and with few values the largest. A
wait that never ended is infinite.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from voicegate.judge.conclusion import Doubt
from voicegate.judge.finding import Bound, Measurement, Side


@dataclass(frozen=True, slots=True)
class Target:
    """A percentile, as a whole number of percent, and the seconds it must stay below."""

    percent: int
    limit_s: float

    @property
    def least_values(self) -> int:
        """So many values have one beyond the percentile: with fewer it is the largest of them, whatever the agent does."""
        return 100 // (100 - self.percent)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of one or more values: the smallest value that so many percent of them do not exceed."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def held_against(
    what: str, values: Sequence[float], targets: Sequence[Target]
) -> tuple[tuple[Measurement, ...], tuple[Doubt, ...]]:
    """Measure percentiles of one or more values; warn of those for which there are too few."""
    measurements = tuple(
        Measurement(
            f"{what}, p{target.percent}",
            percentile(values, target.percent),
            "s",
            "caller's wait",
            Bound(Side.AT_MOST, target.limit_s),
            samples=len(values),
        )
        for target in targets
    )
    few = [f"p{one.percent} needs {one.least_values}" for one in targets if len(values) < one.least_values]
    if not few:
        return measurements, ()
    seen = "one value is" if len(values) == 1 else f"{len(values)} values are"
    return measurements, (Doubt(f"{seen} few: {', '.join(few)}", "let it run for longer"),)
