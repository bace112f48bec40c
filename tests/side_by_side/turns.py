"""Measuring two ways of doing the same in turns, so that whatever the machine does meets both of them alike."""

import math
import time
from collections.abc import Callable, Mapping, Sequence

from pytest_benchmark.fixture import BenchmarkFixture
from side_by_side.measured import Pair, Spread

Way = Callable[[], float]
"""Does something once, sees that it came out right, and returns how many units of it that was."""

MOST_ROUNDS = 100


class SideBySide:
    """The fixture `side_by_side`: pytest-benchmark's, whose every round measures the other way right before ours.

    The timer and the bounds of the rounds are pytest-benchmark's, by its options or its mark: as many rounds as
    fit into `max_time`, at least `min_rounds`.
    """

    def __init__(self, benchmark: BenchmarkFixture) -> None:
        self._benchmark = benchmark

    def __call__(
        self,
        ours: Way,
        beside: Way,
        *,
        unit: str,
        beside_is: str,
        conditions: Mapping[str, str] | None = None,
    ) -> None:
        """Measure both; `unit` and `beside_is` say what one of is measured, and what the other way is."""
        benchmark = self._benchmark
        if benchmark.disabled:
            beside()
            benchmark.pedantic(ours)
            return
        ours_units: list[float] = []
        beside_s: list[float] = []
        rounds = rounds_for(_pair_s(ours, beside), benchmark._min_rounds, benchmark._max_time)
        benchmark.pedantic(
            lambda: ours_units.append(ours()),
            setup=lambda: beside_s.append(_per_unit_s(beside, benchmark._timer)),
            rounds=rounds,
        )
        times_s: Sequence[float] = benchmark.stats.stats.data
        ours_s = [time_s / units for time_s, units in zip(times_s, ours_units, strict=True)]
        benchmark.extra_info |= pair_of(ours_s, beside_s, unit, beside_is, conditions or {}).to_extra_info()


def rounds_for(pair_s: float, min_rounds: int, max_time_s: float) -> int:
    """Choose the rounds as pytest-benchmark does, but not more than anybody needs."""
    return max(min_rounds, min(MOST_ROUNDS, math.ceil(max_time_s / max(pair_s, 1e-9))))


def pair_of(
    ours_s: Sequence[float],
    beside_s: Sequence[float],
    unit: str,
    beside_is: str,
    conditions: Mapping[str, str],
) -> Pair:
    """Put seconds per unit, taken in turns, together; the ratio is that of each round."""
    ratios = [ours / other for ours, other in zip(ours_s, beside_s, strict=True)]
    return Pair(
        unit=unit,
        beside=beside_is,
        ours_s=Spread.of(ours_s).median,
        beside_s=Spread.of(beside_s).median,
        ratio=Spread.of(ratios),
        conditions=dict(conditions),
    )


def _pair_s(ours: Way, beside: Way) -> float:
    """Do both once, which also warms them up."""
    began_s = time.perf_counter()
    beside()
    ours()
    return time.perf_counter() - began_s


def _per_unit_s(way: Way, timer: Callable[[], float]) -> float:
    began_s = timer()
    units = way()
    return (timer() - began_s) / units
