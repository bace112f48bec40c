"""What became of each benchmark since it was last measured: the ratios of two runs, never their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from side_by_side.measured import BenchmarkRun, Measured

SLOWER_BY = 0.20
"""From which share on a benchmark counts as slower: its ratio grew by so much."""

BUSY_SHARE = 0.10
"""From which share of the cores on that other programs use a ratio is uncertain."""

_ROUNDING = 1e-9


class ComparisonOutcome(Enum):
    """How a benchmark came out against the last run of it."""

    SAME = "same"
    SLOWER = "slower"
    PERHAPS_SLOWER = "perhaps slower"  # by as much, but it may be noise
    FASTER = "faster"
    NEW = "new"
    NOT_COMPARED = "not compared"  # it was only measured under other conditions


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark now, and what it is compared with: `last`, from the run in `file`; None if there is nothing.

    `reason` says why nothing is compared, or why it is uncertain.
    """

    now: Measured
    outcome: ComparisonOutcome
    last: Measured | None = None
    file: str = ""
    reason: str = ""

    @property
    def change(self) -> float | None:
        """By which share the ratio grew: 0.2 is 20 % slower, negative is faster."""
        return None if self.last is None else factor(self.now, self.last) - 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """All benchmarks of a run in its order, and those that the newest earlier run had and this one has not."""

    rows: tuple[Row, ...]
    missing: tuple[Measured, ...] = ()

    def with_outcome(self, outcome: ComparisonOutcome) -> tuple[Row, ...]:
        """Select the benchmarks that came out like this."""
        return tuple(row for row in self.rows if row.outcome is outcome)


def compare(now: BenchmarkRun, earlier: Sequence[BenchmarkRun]) -> Comparison:
    """Hold each benchmark against the newest run that measured it under the same conditions and was left alone.

    `earlier` runs are in order, the newest last. A run of a part of the benchmarks does not hide older ones of the rest.
    Where others disturbed every run, the newest counts.
    """
    measured = {one.id for one in now.measured}
    last = earlier[-1].measured if earlier else ()
    return Comparison(
        tuple(_row(one, earlier) for one in now.measured),
        tuple(one for one in last if one.id not in measured),
    )


def factor(now: Measured, last: Measured) -> float:
    """Say how many times as slow it is: the ratio of the ratios."""
    return now.pair.ratio.median / last.pair.ratio.median


def _row(now: Measured, earlier: Sequence[BenchmarkRun]) -> Row:
    before = [(one, run.file) for run in reversed(earlier) for one in run.measured if one.id == now.id]
    if not before:
        return Row(now, ComparisonOutcome.NEW, reason="no earlier run measured it")
    comparable = [(last, file) for last, file in before if last.conditions == now.conditions]
    if not comparable:
        last, file = before[0]
        differences = "; ".join(_differences(now.conditions, last.conditions))
        return Row(now, ComparisonOutcome.NOT_COMPARED, reason=f"{differences} (in {file})")
    last, file = next((one for one in comparable if not is_busy(one[0])), comparable[0])
    doubt = _doubt(now, last)
    return Row(now, _outcome(factor(now, last), certain=not doubt), last, file, doubt)


def is_busy(one: Measured) -> bool:
    """Whether other programs used so much of the machine meanwhile that the ratio is uncertain."""
    return one.pair.others_share >= BUSY_SHARE


def _outcome(times: float, *, certain: bool) -> ComparisonOutcome:
    if times >= (1 + SLOWER_BY) * (1 - _ROUNDING):
        return ComparisonOutcome.SLOWER if certain else ComparisonOutcome.PERHAPS_SLOWER
    if times <= 1 / (1 + SLOWER_BY) and certain:
        return ComparisonOutcome.FASTER
    return ComparisonOutcome.SAME


def _doubt(now: Measured, last: Measured) -> str:
    """Say why a change may be noise; empty when it is certain."""
    for one, when in ((now, "this time"), (last, "last time")):
        if is_busy(one):
            return f"other programs used {one.pair.others_share:.0%} of the cores {when}"
    if not now.pair.ratio.is_apart_from(last.pair.ratio):
        return "the middle halves of both runs overlap"
    return ""


def _differences(now: Mapping[str, str], last: Mapping[str, str]) -> list[str]:
    """Say what of the conditions is another than then."""
    names = dict.fromkeys([*now, *last])
    return [
        f"{name}: {now.get(name, 'none')}, last time {last.get(name, 'none')}"
        for name in names
        if now.get(name) != last.get(name)
    ]
