"""A benchmark that gets 20 % slower says so; one that cannot be compared says why."""

from dataclasses import replace

import pytest
from side_by_side.comparison import Comparison, ComparisonOutcome, Row, compare
from side_by_side.measured import BenchmarkRun, Measured, Pair, Spread

MACHINE = {"processor": "a fast one", "cores": "2", "model": "micro"}


def measured(ratio: float, id_: str = "bench_asr.py::bench_alone", spread: float = 0.01) -> Measured:
    """Give a benchmark with this ratio, known to a share of `spread`."""
    known = Spread(ratio, ratio * (1 - spread), ratio * (1 + spread), 7)
    return Measured(id_, "asr", Pair("utterance", "something else", 0.1 * ratio, 0.1, known, MACHINE))


def changed(one: Measured, **changes: object) -> Measured:
    """Replace fields of its pair."""
    return replace(one, pair=replace(one.pair, **changes))  # type: ignore[arg-type]


def run(*found: Measured, file: str = "0001_x.json") -> BenchmarkRun:
    """Give a run."""
    return BenchmarkRun(file, "2026-11-25T01:00:00", found)


def against(now: Measured, last: Measured) -> Row:
    """Compare one with one."""
    return compare(run(now), [run(last)]).rows[0]


@pytest.mark.parametrize(
    ("ratio", "outcome"),
    [
        (1.0, ComparisonOutcome.SAME),
        (1.199, ComparisonOutcome.SAME),
        (1.2, ComparisonOutcome.SLOWER),
        (1.201, ComparisonOutcome.SLOWER),
        (0.834, ComparisonOutcome.SAME),
        (0.833, ComparisonOutcome.FASTER),
    ],
)
@pytest.mark.parametrize("last", [1.0, 0.003, 0.7, 41.0])
def test_twenty_percent_is_slower(last: float, ratio: float, outcome: ComparisonOutcome) -> None:
    """19.9 % is not slower, 20 % and 20.1 % are, wherever the ratio was; faster by as much is faster."""
    assert against(measured(ratio * last), measured(last)).outcome is outcome


def test_the_change_is_that_of_the_ratio() -> None:
    """A machine that became twice as fast for both ways changes nothing."""
    row = against(changed(measured(1.25), ours_s=0.05), changed(measured(1.0), ours_s=0.1))
    assert row.change == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("spread", "outcome"),
    [
        (0.11, ComparisonOutcome.SLOWER),
        (0.112, ComparisonOutcome.PERHAPS_SLOWER),
        (0.5, ComparisonOutcome.PERHAPS_SLOWER),
    ],
)
def test_only_what_is_certain_is_slower(spread: float, outcome: ComparisonOutcome) -> None:
    """With 1.25 after 1.0 the middle halves of both runs meet at a spread of 1/9."""
    assert against(measured(1.25, spread=spread), measured(1.0, spread=spread)).outcome is outcome


@pytest.mark.parametrize(
    ("others_share", "certain"), [(0.0, True), (0.099, True), (0.1, False), (0.9, False)]
)
def test_a_busy_machine_makes_uncertain(others_share: float, certain: bool) -> None:
    """Whichever of the two runs others disturbed: 10 % of the cores are too much."""
    for share in ((others_share, 0.0), (0.0, others_share)):
        now, last = (
            changed(measured(ratio), others_share=one) for ratio, one in zip((1.3, 1.0), share, strict=True)
        )
        row = against(now, last)
        assert row.outcome is (ComparisonOutcome.SLOWER if certain else ComparisonOutcome.PERHAPS_SLOWER)
        assert ("other programs used" in row.reason) is not certain
        assert against(last, now).outcome is (ComparisonOutcome.FASTER if certain else ComparisonOutcome.SAME)


def test_noise_does_not_make_faster() -> None:
    """What may be noise is no gain either."""
    assert against(measured(0.8, spread=0.5), measured(1.0, spread=0.5)).outcome is ComparisonOutcome.SAME


def test_the_first_run_has_nothing_to_compare_with() -> None:
    """Everything is new then, and nothing is missing."""
    assert outcomes(compare(run(measured(1.0)), [])) == [ComparisonOutcome.NEW]
    assert compare(run(measured(1.0)), []).missing == ()


def test_a_benchmark_may_be_new_or_gone() -> None:
    """The others are compared all the same."""
    stayed, added, gone = (measured(1.0, f"b.py::bench_{name}") for name in ("stayed", "added", "gone"))
    comparison = compare(run(stayed, added), [run(stayed, gone)])
    assert outcomes(comparison) == [ComparisonOutcome.SAME, ComparisonOutcome.NEW]
    assert comparison.missing == (gone,)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"conditions": MACHINE | {"cores": "8"}}, "cores: 2, last time 8"),
        ({"conditions": MACHINE | {"model": "rehearsal"}}, "model: micro, last time rehearsal"),
        ({"conditions": {"cores": "2", "model": "micro"}}, "processor: a fast one, last time none"),
        ({"beside": "another thing"}, "what it is held against: something else, last time another thing"),
        ({"unit": "word"}, "unit: utterance, last time word"),
    ],
)
def test_other_conditions_are_not_compared(changes: dict[str, object], reason: str) -> None:
    """Another machine, other models or another thing beside it: no number is made of that, and it is said."""
    row = against(measured(2.0), changed(measured(1.0), **changes))
    assert (row.outcome, row.last, row.change) == (ComparisonOutcome.NOT_COMPARED, None, None)
    assert row.reason == f"{reason} (in 0001_x.json)"


def test_the_newest_run_under_equal_conditions_counts() -> None:
    """Neither a run with other models in between nor one of other benchmarks hides it."""
    other_models = changed(measured(9.0), conditions=MACHINE | {"model": "rehearsal"})
    earlier = [
        run(measured(5.0), file="1"),
        run(measured(1.0), file="2"),
        run(other_models, file="3"),
        run(measured(1.0, "b.py::bench_other"), file="4"),
    ]
    row = compare(run(measured(1.3)), earlier).rows[0]
    assert (row.outcome, row.file) == (ComparisonOutcome.SLOWER, "2")


def test_a_run_that_was_left_alone_counts() -> None:
    """Rather than a newer one that others disturbed; where all were disturbed, the newest."""
    disturbed = changed(measured(1.3), others_share=0.5)
    row = compare(run(measured(1.3)), [run(measured(1.0), file="1"), run(disturbed, file="2")]).rows[0]
    assert (row.outcome, row.file) == (ComparisonOutcome.SLOWER, "1")
    row = compare(run(measured(1.3)), [run(disturbed, file="1"), run(disturbed, file="2")]).rows[0]
    assert (row.outcome, row.file) == (ComparisonOutcome.SAME, "2")


def outcomes(comparison: Comparison) -> list[ComparisonOutcome]:
    """List how each came out."""
    return [row.outcome for row in comparison.rows]
