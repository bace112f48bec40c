"""Percentiles held against limits, with a warning where there were too few values for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.measure.caveats import Caveat
from voicegate.measure.waits import percentile


@dataclass(frozen=True, slots=True)
class Target:
    """A percentile, as a whole number of percent, and the seconds it must stay below."""

    percent: int
    limit_s: float

    @property
    def least_values(self) -> int:
        """So many values have one beyond the percentile: with fewer it is the largest of them, whatever the agent does."""
        return 100 // (100 - self.percent)


def held_against(
    what: str, values: Sequence[float], targets: Sequence[Target]
) -> tuple[tuple[Measurement, ...], tuple[Caveat, ...]]:
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
    return measurements, (
        Caveat(f"{seen} few: {', '.join(few)}", "run it for longer (-t), or with more callers (-u)"),
    )
