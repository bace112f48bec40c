"""Measuring two ways of doing the same in turns, so that whatever the machine does meets both of them alike."""

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil
from pytest_benchmark.fixture import BenchmarkFixture
from side_by_side.machine import CpuUse, others_share
from side_by_side.measured import Pair, Spread

Way = Callable[[], float]
"""Does something once, sees that it came out right, and returns how many units of it that was."""

MOST_ROUNDS = 300


class SideBySide:
    """The fixture `side_by_side`: pytest-benchmark's, whose every round measures the other way right before ours.

    The timer and the bounds of the rounds are pytest-benchmark's, by its options or its mark: as many rounds as
    fit into `max_time`, at least `min_rounds`.
    """

    def __init__(self, benchmark: BenchmarkFixture, read_cpu_use: Callable[[], CpuUse]) -> None:
        self._benchmark = benchmark
        self._read_cpu_use = read_cpu_use

    def __call__(
        self,
        ours: Way,
        beside: Way,
        *,
        unit: str,
        beside_is: str,
        conditions: Mapping[str, str] | None = None,
        wrong_words: Callable[[], tuple[float, float]] | None = None,
    ) -> None:
        """Measure both; `unit` and `beside_is` say what one of is measured, and what the other way is.

        `wrong_words` gives the word error rates of both when all was heard.
        """
        benchmark = self._benchmark
        if benchmark.disabled:
            beside()
            benchmark.pedantic(ours)
            return
        rounds = rounds_for(_pair_s(ours, beside), benchmark._min_rounds, benchmark._max_time)
        before = self._read_cpu_use()
        try:
            with _nothing_old_to_collect():
                ours_s, beside_s = self._take_turns(ours, beside, rounds)
        except BaseException:  # also Ctrl-C, after which pytest-benchmark could not save what has no round
            benchmark.has_error = True
            raise
        share = others_share(before, self._read_cpu_use(), psutil.cpu_count() or 1)
        pair = Pair(
            unit=unit,
            beside=beside_is,
            ours_s=Spread.of(ours_s).median,
            beside_s=Spread.of(beside_s).median,
            ratio=Spread.of(ours / other for ours, other in zip(ours_s, beside_s, strict=True)),
            conditions=dict(conditions or {}),
            others_share=share,
            wrong_words=wrong_words() if wrong_words else None,
        )
        benchmark.extra_info |= pair.to_extra_info()

    def _take_turns(self, ours: Way, beside: Way, rounds: int) -> tuple[list[float], list[float]]:
        """Measure the other way before each round of ours; give the seconds per unit of ours, and of the other."""
        ours_units, beside_s, timer = list[float](), list[float](), self._benchmark._timer

        def measure_beside() -> None:
            gc.collect()
            began_s = timer()
            units = beside()
            beside_s.append((timer() - began_s) / units)
            gc.collect()

        self._benchmark.pedantic(lambda: ours_units.append(ours()), setup=measure_beside, rounds=rounds)
        times_s: Sequence[float] = self._benchmark.stats.stats.data
        return [time_s / units for time_s, units in zip(times_s, ours_units, strict=True)], beside_s


def rounds_for(pair_s: float, min_rounds: int, max_time_s: float) -> int:
    """Choose the rounds as pytest-benchmark does, but not more than anybody needs."""
    return max(min_rounds, min(MOST_ROUNDS, math.ceil(max_time_s / max(pair_s, 1e-9))))


def _pair_s(ours: Way, beside: Way) -> float:
    """Do both once, which also warms them up."""
    began_s = time.perf_counter()
    beside()
    ours()
    return time.perf_counter() - began_s


@contextmanager
def _nothing_old_to_collect() -> Iterator[None]:
    """Keep the garbage collector, which runs when it likes, from walking through what was there before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
