"""What a run of the benchmarks leaves in the history."""

from dataclasses import replace

from side_by_side.comparison import compare
from side_by_side.history import entry_of
from side_by_side.measured import BenchmarkRun, Measured, Pair, Spread

MACHINE = {"processor": "Some CPU", "cores": "2", "system": "Linux x86_64", "Python": "CPython 3.11"}
PAIR = Pair("utterance", "something else", 0.1, 0.4, Spread(0.25, 0.24, 0.26, 7), MACHINE)
ONE = Measured("bench_asr.py::bench_alone[4]", "asr", PAIR)


def test_each_ratio_is_a_figure_named_by_what_it_is_of() -> None:
    """The models and the kind of machine are what must be alike; what others disturbed is left out."""
    busy = Measured("bench_asr.py::bench_busy", "asr", replace(PAIR, others_share=0.5))
    run = BenchmarkRun("", "2026-11-25T01:00:00", (ONE, busy))
    entry = entry_of(run, compare(run, ()), "micro")
    (figure,) = entry.figures
    assert (figure.criterion, figure.what) == ("bench", "asr: alone, 4, beside something else")
    assert (figure.value, figure.side, figure.limit) == (0.25, "≤", None)
    assert entry.setting.sentence() == (
        "Some CPU, Linux x86_64, CPython 3.11, scenario bench, models micro, 2 processors"
    )
    assert (entry.started_at, entry.verdict, entry.is_whole) == ("2026-11-25T01:00:00", "pass", True)


def test_slower_than_last_time_is_a_failure() -> None:
    """As it is for the exit code."""
    slower = replace(ONE, pair=replace(PAIR, ratio=Spread(0.5, 0.49, 0.51, 7)))
    run, last = (BenchmarkRun("", "2026-11-25T01:00:00", (one,)) for one in (slower, ONE))
    assert entry_of(run, compare(run, [last]), "micro").verdict == "fail"


def test_a_run_that_measured_nothing_has_no_figures() -> None:
    """It was interrupted, or has no pairs."""
    run = BenchmarkRun("", "", ())
    assert entry_of(run, compare(run, ()), "").figures == ()
