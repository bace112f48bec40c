"""What the report on several runs shows: each criterion over all of them, and how each run came out."""

from collections.abc import Iterable

from voicegate.exit_codes import worst
from voicegate.judge.criterion import short_id
from voicegate.measure.waits import Latency
from voicegate.quantity import format_amount, format_quantity, if_known, written_time
from voicegate.report.contents import Cell, Column, Fact, Note, On, Report, Table
from voicegate.report.spread import CriterionSpread, RunResult, Spread
from voicegate.report.strip import make_strip
from voicegate.report.verdict import STATUS_NAMES


def spread_report(spread: Spread) -> Report:
    """Put together what is shown of a spread."""
    made = f", of which {len(spread.runs)} were made" if spread.is_cut_short else ""
    return Report(
        document=spread,
        file="spread.json",
        outcome=spread.verdict,
        headline=spread.headline(),
        about=f"The same run {spread.runs_asked} times{made}. Started {written_time(spread.started_at)}."
        f" Models: {spread.profile}. Calls run in: {spread.isolation}.",
        tables=(
            Table(
                "Criteria",
                _criteria([run.folder for run in spread.runs]),
                spread.criteria,
                id=lambda one: one.id,
            ),
            Table("Runs", _RUNS, spread.runs, on=On.PAGE),
        ),
        notes=tuple(
            Note(f"{run.folder} {STATUS_NAMES[run.verdict]}", _why(run), run.verdict)
            for run in spread.runs
            if run.verdict != "pass"
        ),
        remarks=(spread.latency.sentence(", all runs"),) if spread.latency else (),
        facts=tuple(_facts(spread.latency)) if spread.latency else (),
        footnote="Each run's folder holds its own report. Spread is (most − least) / median. Red line: the limit.",
    )


def _criteria(runs: list[str]) -> tuple[Column[CriterionSpread], ...]:
    return (
        Column("criterion", lambda one: Cell(one.id, small=one.title), "name", On.ROOMY),
        Column("criterion", lambda one: short_id(one.id), "name", On.NARROW),
        Column("outcomes", _outcomes, "outcome"),
        Column(
            "measured, each run a dot, the first on top",
            lambda one: Cell(_measured(one) or "nothing was measured", figure=make_strip(one, runs)),
            on=On.PAGE,
        ),
        Column("least", lambda one: if_known(format_amount, one.least, one.unit), "number"),
        Column("median", lambda one: if_known(format_amount, one.median, one.unit), "number"),
        Column("most", lambda one: if_known(format_amount, one.most, one.unit), "number"),
        Column("spread", lambda one: if_known(format_quantity, one.relative_spread, "fraction"), "number"),
        Column("limit", _limit, "number", On.ROOMY),
        Column("measured", _measured, on=On.WIDE | On.MARKDOWN),
    )


def _outcomes(one: CriterionSpread) -> Cell:
    counts = ((number, STATUS_NAMES[name]) for name, number in one.counts.items() if number)
    said = ", ".join(f"{number}\N{NO-BREAK SPACE}{name}" for number, name in counts)
    judged = [status for status in one.statuses if status is not None and status != "not_run"]
    return Cell(said, worst(judged) if judged else "not_run")


def _measured(one: CriterionSpread) -> str:
    return f"{one.what} ({one.metric})" if one.what else ""


def _limit(one: CriterionSpread) -> str:
    return f"{one.side or ''} {if_known(format_quantity, one.limit, one.unit)}".strip()


def _why(run: RunResult) -> str:
    return "; ".join(filter(None, (", ".join(run.not_passed), run.problem)))


def _seconds(value_s: float | None, digits: int) -> str:
    return "–" if value_s is None else f"{value_s:.{digits}f} s"


_RUNS: tuple[Column[RunResult], ...] = (
    Column("status", lambda run: Cell(STATUS_NAMES[run.verdict], run.verdict), "outcome"),
    Column(
        "run",
        lambda run: Cell(run.folder, href=f"{run.folder}/report.html" if run.duration_s is not None else ""),
        "name",
    ),
    Column("did not pass", _why),
    Column("took", lambda run: _seconds(run.duration_s, 0), "number"),
    Column("reply after (median)", lambda run: _seconds(run.median_latency_s, 2), "number"),
)


def _facts(latency: Latency) -> Iterable[Fact]:
    yield Fact("reply after", f"{latency.median_s:.2f} s", f"median of {latency.turns} turns")
    yield Fact("quarter within", f"{latency.lower_quartile_s:.2f} s", "of all runs")
    yield Fact("three quarters within", f"{latency.upper_quartile_s:.2f} s", "of all runs")
    yield Fact("95 % within", f"{latency.p95_s:.2f} s", f"at most {latency.most_s:.2f} s")
