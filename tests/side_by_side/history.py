"""What a run of the benchmarks leaves in the gate's history: the ratio of each pair that nobody disturbed."""

from side_by_side.comparison import Comparison, ComparisonOutcome, is_busy
from side_by_side.measured import BenchmarkRun, Measured
from voicegate.history.entries import Entry, Figure, Setting

BENCH = "bench"


def entry_of(run: BenchmarkRun, comparison: Comparison, profile: str) -> Entry:
    """Take what the history keeps of a run; runs of one kind have the same models and the same kind of machine."""
    machine = (
        {
            name: run.measured[0].conditions.get(name, "")
            for name in ("processor", "cores", "system", "Python")
        }
        if run.measured
        else {}
    )
    cores = machine.pop("cores", "")
    return Entry(
        started_at=run.saved_at,
        verdict="fail" if comparison.with_outcome(ComparisonOutcome.SLOWER) else "pass",
        outcome="complete",
        setting=Setting(
            profile=profile,
            isolation="",
            scenario=BENCH,
            cpu_count=int(cores) if cores.isdecimal() else None,
            ears="",
            agent=", ".join(machine.values()),
        ),
        statuses={},
        figures=tuple(_figure(one) for one in run.measured if not is_busy(one)),
    )


def _figure(one: Measured) -> Figure:
    """Give a ratio, named by what it is of and what it is held against."""
    what = f"{one.group}: {one.name}, beside {one.pair.beside}"
    return Figure(criterion=BENCH, what=what, value=one.pair.ratio.median, unit="fraction", side="≤")
