"""How long callers waited for the first sound of a reply."""

from collections.abc import Iterable
from dataclasses import dataclass

from voicegate.judge.load.percentiles import percentile
from voicegate.judge.load.turns import wait_of
from voicegate.record.events import Turn


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in seconds, by nearest rank, over the turns that were answered with sound."""

    turns: int
    least_s: float
    lower_quartile_s: float
    median_s: float
    upper_quartile_s: float
    p95_s: float
    most_s: float


def latency_of(turns: Iterable[Turn]) -> Latency | None:
    """Summarize the turns' latencies; None when there is none."""
    times = sorted(wait_of(turn) for turn in turns if turn.latency_s is not None)
    if not times:
        return None
    lower, median, upper, p95 = (percentile(times, percent) for percent in (25, 50, 75, 95))
    return Latency(
        turns=len(times),
        least_s=times[0],
        lower_quartile_s=lower,
        median_s=median,
        upper_quartile_s=upper,
        p95_s=p95,
        most_s=times[-1],
    )
