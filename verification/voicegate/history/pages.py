"""What is shown of a comparison, and of the trend over the last runs."""

from collections.abc import Iterable, Mapping

from voicegate.history.comparison import Comparison, FigureChange, StatusChange
from voicegate.history.trend import FigureTrend, Trend
from voicegate.quantity import format_amount, format_quantity, written_time
from voicegate.report.charts import Chart, draw_chart
from voicegate.report.contents import Cell, Column, Note, On, Report, Table
from voicegate.report.drawing import Dots, Mark, Straight
from voicegate.report.verdict import STATUS_NAMES, StatusName

_COURSES: Mapping[str, StatusName] = {
    "worse": "fail",
    "better": "pass",
    "steady": "pass",
    "within noise": "pass",
    "noise unknown": "not_run",
    "too few runs": "not_run",
}
_AFTER_A_STEP = "see what changed in the agent, or on its machine, before that run"


def trend_report(trend: Trend) -> Report:
    """Put together what is shown of a trend: each figure with its levels, and what is worse than it was."""
    about = "No whole run is in the history." if trend.setting is None else _about(trend)
    figures = sorted(trend.figures, key=lambda one: list(_COURSES).index(one.course))
    return Report(
        document=trend,
        file="trend.json",
        outcome="fail" if trend.regressions else None,
        headline=trend.headline(),
        about=about,
        tables=(Table("Figures", _FIGURES, figures),),
        notes=tuple(
            Note(f"{one.criterion} WORSE", one.sentence(), "error", advice=_AFTER_A_STEP)
            for one in trend.regressions
        ),
        template="trend.html",
        remarks=trend.skipped,
        drawn=lambda: {"charts": [_chart(one) for one in figures if len(one.values) > 1]},
        footnote="A step needs three runs on each side of it, and a change of 5 % or 2 % of the limit. Blue: the levels. Red: the limit, where it is near.",
    )


def _about(trend: Trend) -> str:
    assert trend.setting is not None
    failed = sum(one != "pass" for one in trend.verdicts)
    passed = f"{failed} of which did not pass" if failed else "which all passed"
    return (
        f"{len(trend.runs)} runs from {written_time(trend.runs[0])} to {written_time(trend.runs[-1])}, {passed}:"
        f" {trend.setting.sentence()}."
    )


def _before(one: FigureTrend) -> str:
    return format_amount(one.levels[-2].value, one.unit) if len(one.levels) > 1 else ""


_FIGURES: tuple[Column[FigureTrend], ...] = (
    Column("figure", lambda one: Cell(one.criterion, small=one.what), "name", On.MARKDOWN | On.PAGE),
    Column("figure", lambda one: f"{one.criterion.partition('-')[0]} {one.what}", on=On.NARROW | On.WIDE),
    Column("course", lambda one: Cell(one.course.upper(), _COURSES[one.course]), "outcome"),
    Column("level now", lambda one: format_quantity(one.levels[-1].value, one.unit), "number"),
    Column("before", _before, "number"),
    Column(
        "since",
        lambda one: written_time(one.levels[-1].since) if len(one.levels) > 1 else "",
        "number",
        On.ROOMY,
    ),
    Column("last run", lambda one: format_amount(one.values[-1], one.unit), "number"),
    Column(
        "limit",
        lambda one: f"{one.side} {format_amount(one.limit, one.unit)}" if one.limit is not None else "",
        "number",
        On.ROOMY,
    ),
)


def _chart(one: FigureTrend) -> Chart:
    """Draw a figure's runs with its levels, and its limit where that is not far away."""
    marks: list[Mark] = []
    begin = 0
    for level in one.levels:
        along = [(begin + 0.6, level.value, ""), (begin + level.runs + 0.4, level.value, "")]
        text = f"level {format_amount(level.value, one.unit)}" if level is one.levels[-1] else ""
        marks.append(Dots(along, "main", text, line="-", marker=""))
        begin += level.runs
    if one.limit is not None and abs(one.limit) <= 2 * max(map(abs, one.values)):
        marks.append(Straight(one.limit, "fail", f"limit {format_amount(one.limit, one.unit)}"))
    title = f"{one.criterion.partition('-')[0]}: {one.what}"
    points = [(at, value, format_quantity(value, one.unit)) for at, value in enumerate(one.values, start=1)]
    color = "fail" if one.course == "worse" else "ink"
    least_range = 1e-9 if min(one.values) < 0 else None
    return draw_chart(
        title,
        "run",
        [*marks, Dots(points, color)],
        lambda value: format_amount(value, one.unit),
        least_range,
    )


def comparison_report(comparison: Comparison, before: str, after: str) -> Report:
    """Put together what is shown of a comparison of two sides with these names."""
    return Report(
        document=comparison,
        file="compare.json",
        outcome=None,
        headline=comparison.headline(),
        about=f"From {before} ({len(comparison.before)} runs) to {after} ({len(comparison.after)} runs)."
        f" Noise is that of these and of {comparison.noise_runs} further runs.",
        tables=(
            Table("Criteria with another result", _STATUSES, comparison.criteria),
            Table("Figures", _CHANGES, comparison.figures),
        ),
        remarks=tuple(_remarks(comparison)),
    )


def _remarks(comparison: Comparison) -> Iterable[str]:
    if not comparison.alike:
        yield "The two sides differ in scenario, models, isolation, processors or recognizer: so some changes may not come from the agent."
    if any(one.change == "noise unknown" for one in comparison.figures):
        yield "How much figures vary from run to run is unknown: compare several runs (--repeat), or name a history of runs like these (--history)."


def _named(statuses: Iterable[StatusName]) -> str:
    return ", ".join(STATUS_NAMES[one] for one in statuses) or "–"


_STATUSES: tuple[Column[StatusChange], ...] = (
    Column("criterion", lambda one: one.criterion, "name"),
    Column("before", lambda one: _named(one.before)),
    Column(
        "after", lambda one: Cell(_named(one.after), one.after[-1] if one.after else "not_run"), "outcome"
    ),
)
_CHANGES: tuple[Column[FigureChange], ...] = (
    Column("figure", lambda one: Cell(one.criterion, small=one.what), "name", On.MARKDOWN | On.PAGE),
    Column("figure", lambda one: f"{one.criterion.partition('-')[0]} {one.what}", on=On.NARROW | On.WIDE),
    Column("change", lambda one: Cell(one.change.upper(), _COURSES[one.change]), "outcome"),
    Column("before", lambda one: format_quantity(one.before, one.unit), "number"),
    Column("after", lambda one: format_amount(one.after, one.unit), "number"),
    Column(
        "by",
        lambda one: "" if one.relative is None else f"{100 * one.relative:+.1f} %".replace("-", "−"),
        "number",
    ),
    Column("chance", lambda one: "" if one.chance is None else f"{one.chance:.2g}", "number", On.ROOMY),
)
