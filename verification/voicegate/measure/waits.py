"""How long callers waited for the first sound of a reply, and percentiles by nearest rank.

The percentile p of n values is the value of rank ceil(p / 100 * n): a value that was really seen, and with few values the largest. A
wait that never ended is infinite.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from voicegate.record.events import Turn


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of one or more values: the smallest value that so many percent of them do not exceed."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def wait_of(turn: Turn) -> float:
    """Return how many seconds the caller waited: infinitely without a reply, not at all for one that came too early."""
    return inf if turn.latency_s is None else max(0.0, turn.latency_s)


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in seconds over the turns that were answered with sound, and how many were not; negative where the reply came too early."""

    turns: int
    least_s: float
    lower_quartile_s: float
    median_s: float
    upper_quartile_s: float
    p95_s: float
    most_s: float
    unanswered: int = 0

    def sentence(self, of: str = "") -> str:
        """Say it in a sentence; `of` tells which runs' it is."""
        typical, most = f"median {self.median_s:.2f} s", f"95 % within {self.p95_s:.2f} s"
        answered = (
            f"{self.turns} turns"
            if not self.unanswered
            else f"{self.turns} of {self.turns + self.unanswered} turns answered"
        )
        return f"First sound of the reply{of}: {typical}, {most}, {answered}."


def latency_of(turns: Iterable[Turn]) -> Latency | None:
    """Summarize the turns' latencies; None when there is none."""
    turns = tuple(turns)
    times = [turn.latency_s for turn in turns if turn.latency_s is not None]
    if not times:
        return None
    return Latency(
        turns=len(times),
        least_s=min(times),
        lower_quartile_s=percentile(times, 25),
        median_s=percentile(times, 50),
        upper_quartile_s=percentile(times, 75),
        p95_s=percentile(times, 95),
        most_s=max(times),
        unanswered=len(turns) - len(times),
    )
