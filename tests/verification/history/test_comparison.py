"""Two runs, or groups of runs, side by side."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from voicegate.exit_codes import UsageError
from voicegate.history.comparison import Comparison, Runs, compare, read_runs
from voicegate.history.entries import Entry, Figure, Setting
from voicegate.history.history_file import History, append_entry
from voicegate.history.pages import comparison_report
from voicegate.report.markdown import markdown_of
from voicegate.report.verdict import Verdict

SETTING = Setting(profile="micro", isolation="process", scenario="full", cpu_count=2, ears="")
STEADY = (1.0, 1.03, 0.98, 1.01, 0.97, 1.02)


def entry(number: int, wait_s: float, status: str = "pass", **changes: object) -> Entry:
    """Make the line of a run with one figure, whose limit is 5 s, and another that never changes."""
    wait = Figure(criterion="T1-response", what="wait", value=wait_s, unit="s", side="≤", limit=5.0)
    saved = Figure(criterion="G10-benefit", what="saving", value=8e8, unit="bytes/call", side="≥", limit=6e8)
    made = Entry(
        started_at=f"run {number}",
        verdict="pass",
        outcome="complete",
        setting=SETTING,
        statuses={"T1-response": status, "G4-playback": "pass"},  # type: ignore[dict-item]
        figures=(wait, saved),
    )
    return made.model_copy(update=changes)


def runs(values: Sequence[float], first: int = 1) -> Runs:
    """Make one side of a comparison."""
    return Runs(Path("runs"), tuple(entry(first + at, value) for at, value in enumerate(values)))


def compared(before: Sequence[float], after: Sequence[float], noise: Sequence[float] = ()) -> Comparison:
    """Compare two sides, with a history of further runs."""
    history = History(Path("history.jsonl"), tuple(entry(50 + at, value) for at, value in enumerate(noise)))
    return compare(runs(before), runs(after, 20), history)


@pytest.mark.parametrize(
    ("before", "after", "noise", "change"),
    [
        ((1.0,), (1.5,), (), "noise unknown"),
        ((1.0,), (1.5,), STEADY, "worse"),
        ((1.5,), (1.0,), STEADY, "better"),
        ((1.0,), (1.04,), STEADY, "within noise"),
        (STEADY, (1.5,), (), "worse"),
        (STEADY, tuple(value + 0.3 for value in STEADY), (), "worse"),
        (STEADY, STEADY, (), "within noise"),
        ((1.0, 1.9, 0.6, 1.4), (1.5,), (), "within noise"),
        ((1.0,), (1.5,), (*STEADY, *(value + 3 for value in STEADY)), "worse"),
    ],
)
def test_what_changed_is_told_from_noise(
    before: Sequence[float], after: Sequence[float], noise: Sequence[float], change: str
) -> None:
    """By the runs themselves, or by others like them; a step in those is no noise."""
    wait, saving = compared(before, after, noise).figures
    assert wait.change == change
    assert saving.change == "within noise"


def test_larger_is_better_where_the_limit_is_below() -> None:
    """Less saving is worse."""
    sides = [
        Runs(
            Path(),
            tuple(
                one.model_copy(update={"figures": (one.figures[1].model_copy(update={"value": value}),)})
                for one in runs(STEADY, first).entries
            ),
        )
        for first, value in ((1, 8e8), (20, 6e8))
    ]
    (saving,) = compare(sides[0], sides[1], History(Path())).figures
    assert saving.change == "worse"


def test_criteria_that_came_out_otherwise_are_named() -> None:
    """And only those."""
    before = Runs(Path(), (entry(1, 1.0),))
    after = Runs(Path(), (entry(2, 1.0), entry(3, 9.0, "fail")))
    (change,) = compare(before, after, History(Path())).criteria
    assert (change.criterion, change.before, change.after) == ("T1-response", ("pass",), ("pass", "fail"))
    summary = markdown_of(comparison_report(compare(before, after, History(Path())), "A", "B"))
    assert "1 criterion with another result" in summary
    assert "| T1-response | PASS | **PASS, FAIL** |" in summary


def test_sides_that_cannot_be_compared_are_told() -> None:
    """The figures of another machine are not the agent's doing."""
    other = Runs(Path(), (entry(2, 1.0, setting=SETTING.model_copy(update={"cpu_count": 8})),))
    report = comparison_report(compare(runs((2.0,)), other, History(Path())), "A", "B")
    assert any("some changes may not come from the agent" in one for one in report.remarks)
    assert any("--history" in one for one in report.remarks)


def _judge(_path: Path) -> Verdict:
    raise AssertionError("nothing here is to be judged")


def test_a_history_is_a_side_too(tmp_path: Path) -> None:
    """Its last runs of one kind; what is nothing of all this is said."""
    path = tmp_path / "history.jsonl"
    for one in runs(STEADY).entries:
        append_entry(path, one)
    assert len(read_runs(path, _judge).entries) == len(STEADY)
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match=r"no such report|expected a report"):
            read_runs(wrong, _judge)
