"""A history of ten runs, drawn with the noise of real ones: one planted regression is found, and nothing else."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from fakes.pages import Reader
from voicegate.history.comparison import Runs, compare
from voicegate.history.entries import Entry, entry_of
from voicegate.history.history_file import History, append_entry, read_history
from voicegate.history.pages import trend_report
from voicegate.history.past import Past
from voicegate.history.trend import make_trend
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.report.html import page_of
from voicegate.report.markdown import markdown_of
from voicegate.report.verdict import Verdict, make_verdict
from voicegate.simulate.runs import full, full_run

JUDGED = ("C5", "C6", "C7", "C8", "G2", "G4", "G9", "T1", "T6")
RUNS = 10
SLOW_FROM = 6


@cache
def verdict(number: int, slower: float = 1.0) -> Verdict:
    """Draw a run of an agent whose replies and joins take so many times as long, and judge it."""
    factor = np.full(full().calls, slower)
    recording = full_run(np.random.default_rng(100 + number), fresh_memory=True, slower=factor)
    findings = [one(recording, Rules()) for one in CRITERIA if one.id.partition("-")[0] in JUDGED]
    made = make_verdict(recording, findings)
    return made.model_copy(update={"started_at": f"2026-11-{number:02d}T08:00:00Z"})


def entries(slow_from: int = RUNS) -> tuple[Entry, ...]:
    """Draw ten runs, which are 1.5 times as slow from one of them on."""
    return tuple(
        entry_of(verdict(number, 1.5 if number > slow_from else 1.0)) for number in range(1, RUNS + 1)
    )


def test_a_healthy_history_has_no_alarm() -> None:
    """After none of its runs."""
    lines = entries()
    for runs in range(1, RUNS + 1):
        assert make_trend(History(Path(), lines[:runs])).regressions == ()


def test_a_planted_regression_is_found_and_nothing_else() -> None:
    """Waits are longer from the seventh run on: so say the figures of waits, by name and by run, and no other."""
    trend = make_trend(History(Path(), entries(SLOW_FROM)))
    found = {(one.criterion, one.what): one for one in trend.regressions}
    wait = found["T1-response", "wait for an answer, p50"]
    assert wait.since == "2026-11-07T08:00:00Z"
    assert wait.now / wait.before == pytest.approx(1.5, abs=0.15)
    assert {criterion for criterion, _ in found} <= {"T1-response", "T6-no-dead-air"}
    assert len(trend.figures) > 15


def test_it_is_found_when_three_runs_have_it_and_not_before() -> None:
    """One slow run, or two, may be the machine."""
    lines = entries(SLOW_FROM)
    alarms = [len(make_trend(History(Path(), lines[:runs])).regressions) > 0 for runs in range(1, RUNS + 1)]
    assert alarms.index(True) + 1 >= SLOW_FROM + 3
    assert alarms[-1]


def test_what_became_better_again_is_no_regression() -> None:
    """The level of the last runs counts."""
    lines = [entry_of(verdict(number, 1.5 if number in range(7, 11) else 1.0)) for number in range(1, 17)]
    assert make_trend(History(Path(), tuple(lines))).regressions == ()


@pytest.mark.parametrize(("before", "after"), [(slice(0, 3), slice(7, 10)), (slice(2, 3), slice(9, 10))])
def test_two_sides_of_a_step_are_told_apart_by_the_runs_between_them(before: slice, after: slice) -> None:
    """Although one of those few has the new level; without a step nothing is worse."""
    worse = {}
    for slow_from in (SLOW_FROM, RUNS):
        lines = entries(slow_from)
        history = History(Path(), lines)
        figures = compare(Runs(Path(), lines[before]), Runs(Path(), lines[after]), history).figures
        worse[slow_from] = {(one.criterion, one.what) for one in figures if one.change == "worse"}
    assert ("T1-response", "wait for an answer, p50") in worse[SLOW_FROM]
    assert {criterion for criterion, _ in worse[SLOW_FROM]} <= {"T1-response", "T6-no-dead-air"}
    assert worse[RUNS] == set()


def test_a_run_is_held_against_those_before_it(tmp_path: Path) -> None:
    """It is worse together with the last two, fails only where that is set, and becomes one of them."""
    path = tmp_path / "history.jsonl"
    for entry in entries(SLOW_FROM)[:-1]:
        append_entry(path, entry)
    last = verdict(RUNS, 1.5)
    warned, _ = Past(path, path).held_against(last)
    assert warned.verdict == last.verdict == "pass"
    assert "figures worse than before" in warned.headline()
    failed, _ = Past(path, path, fails=True).held_against(last)
    assert failed.verdict == "fail"
    assert all(one.fails for one in failed.regressions)
    Past(path, path).remember(last)
    assert len(read_history(path).entries) == RUNS


def test_the_page_shows_each_figure_and_what_is_worse() -> None:
    """With a chart each; broken lines are told."""
    report = trend_report(make_trend(History(Path(), entries(SLOW_FROM), ("history.jsonl:3: skipped",))))
    summary = markdown_of(report)
    assert "`history.jsonl:3:` skipped" in summary
    assert "**WORSE**" in summary
    few = trend_report(make_trend(History(Path(), entries(SLOW_FROM)[:2])))
    assert few.headline == "Too few runs to tell: 2; a step needs 6"


@pytest.mark.slow
def test_the_page_is_well_formed() -> None:
    """And small."""
    shown = page_of(trend_report(make_trend(History(Path(), entries(SLOW_FROM)))))
    reader = Reader()
    reader.feed(shown)
    assert reader.open == []
    assert shown.index("T1-response WORSE") < shown.index('class="charts"')
    assert "since the run of 2026-11-07 08:00 UTC" in shown
    assert shown.count('class="chart"') > 15
    assert len(shown.encode()) < 500_000
