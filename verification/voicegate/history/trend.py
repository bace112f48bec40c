"""How each figure went over the last runs, and which are worse than they were: steps, not differences from the last run."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from voicegate.history.entries import Entry, Figure, FigureKey, Setting, series_of
from voicegate.history.history_file import History
from voicegate.history.steps import CHANCE, LEAST_RUNS, Level, levels_of
from voicegate.quantity import Unit
from voicegate.report.document import Document, Part
from voicegate.report.verdict import Regression, StatusName

RUNS = 30
"""So many runs are looked at unless somebody says otherwise."""
Course = Literal["steady", "worse", "better", "too few runs"]


class FigureLevel(Part):
    """A level that a figure had, from the run that began at `since`, for so many runs."""

    since: str
    runs: int
    value: float


class FigureTrend(Part):
    """A figure over the runs that have it; `values` are in `unit`, in the order of the runs.

    `course` says how the level of the last runs compares with the best level before it.
    """

    criterion: str
    what: str
    unit: Unit
    side: str
    limit: float | None
    values: tuple[float, ...]
    levels: tuple[FigureLevel, ...]
    course: Course
    regression: Regression | None = None


class Trend(Document):
    """The whole of `trend.json`: comparable runs, the last one last."""

    schema_: Literal["voicegate.trend"] = Field(default="voicegate.trend", alias="schema")
    version: Literal[1] = 1
    setting: Setting | None
    runs: tuple[str, ...]
    verdicts: tuple[str, ...]
    statuses: dict[str, tuple[StatusName | None, ...]]
    figures: tuple[FigureTrend, ...]
    skipped: tuple[str, ...] = ()

    @property
    def regressions(self) -> tuple[Regression, ...]:
        """List the figures that are worse than they were."""
        return tuple(one.regression for one in self.figures if one.regression is not None)

    def headline(self) -> str:
        """Say in one line what changed."""
        if len(self.runs) < 2 * LEAST_RUNS:
            return f"Too few runs to tell: {len(self.runs)}; a step needs {2 * LEAST_RUNS}"
        counts = {course: sum(one.course == course for one in self.figures) for course in ("worse", "better")}
        return f"{counts['worse']} of {len(self.figures)} figures worse, {counts['better']} better, over {len(self.runs)} runs"


def make_trend(history: History, most: int = RUNS, last: Entry | None = None) -> Trend:
    """Follow the figures of the last run, or of this one, which is not in the history yet, over the runs that are like it."""
    whole = [entry for entry in history.entries if entry.is_whole]
    if not whole and last is None:
        return Trend(setting=None, runs=(), verdicts=(), statuses={}, figures=(), skipped=history.problems)
    entries = history.like(last or whole[-1], most)
    if last is not None:
        entries = (*entries[max(0, len(entries) - most + 1) :], last)
    series = series_of(entries)
    began = {key: [one.started_at for one in entries if _has(one, key)] for key in series}
    return Trend(
        setting=entries[-1].setting,
        runs=tuple(one.started_at for one in entries),
        verdicts=tuple(one.verdict for one in entries),
        statuses={id_: tuple(one.statuses.get(id_) for one in entries) for id_ in entries[-1].statuses},
        figures=tuple(_follow(figures, began[key], len(series)) for key, figures in series.items()),
        skipped=history.problems,
    )


def _has(entry: Entry, key: FigureKey) -> bool:
    return any(figure.key == key for figure in entry.figures)


def _follow(figures: Sequence[Figure], began: Sequence[str], of_figures: int) -> FigureTrend:
    last, values = figures[-1], [one.value for one in figures]
    least = last.least_change(values)
    levels = levels_of(values, CHANCE / of_figures, least)
    best = min(levels[:-1], key=lambda one: -one.value if last.side == "≥" else one.value, default=levels[-1])
    worse = last.is_worse(best.value, levels[-1].value) and abs(levels[-1].value - best.value) >= least
    better = len(levels) > 1 and not worse and last.is_worse(levels[-1].value, levels[-2].value)
    few = len(values) < 2 * LEAST_RUNS
    return FigureTrend(
        **last.model_dump(exclude={"value"}),
        values=tuple(values),
        levels=tuple(
            FigureLevel(since=began[one.begin], runs=one.end - one.begin, value=one.value) for one in levels
        ),
        course="too few runs" if few else "worse" if worse else "better" if better else "steady",
        regression=_regression(last, best, levels[-1], began) if worse else None,
    )


def _regression(figure: Figure, before: Level, now: Level, began: Sequence[str]) -> Regression:
    return Regression(
        criterion=figure.criterion,
        what=figure.what,
        unit=figure.unit,
        before=before.value,
        now=now.value,
        since=began[before.end],
        runs=len(began),
    )
