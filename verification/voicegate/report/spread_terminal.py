"""The spread of several runs on a terminal: one table, what each run came to, and the whole as the last line."""

from typing import cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicegate.judge.criterion import short_id
from voicegate.quantity import Unit, format_amount, format_quantity
from voicegate.report.page import STATUS_NAMES
from voicegate.report.spread import CriterionSpread, RunResult, Spread
from voicegate.report.verdict import StatusName

_STYLES = {"pass": "green", "fail": "bold red", "error": "yellow", "not_run": "dim"}
_VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "error": "bold yellow"}
_WORST_FIRST: tuple[StatusName, ...] = ("fail", "error", "pass")
_WIDE = 110  # columns; below that the table has no room for words


def show_spread(console: Console, spread: Spread) -> None:
    """Write the table of criteria, then the runs that did not pass, then how the runs came out together."""
    console.print(_table(spread, with_words=console.width >= _WIDE))
    for run in spread.runs:
        if run.verdict != "pass":
            console.print(Text(_explain(run), style=_STYLES[run.verdict]), soft_wrap=True)
    if spread.latency:
        console.print(
            f"First sound of the reply, all runs: median {spread.latency.median_s:.2f} s,"
            f" 95 % within {spread.latency.p95_s:.2f} s, {spread.latency.turns} turns.",
            soft_wrap=True,
        )
    console.print(Text(spread.headline(), style=_VERDICT_STYLES[spread.verdict]))


def outcomes(criterion: CriterionSpread) -> str:
    """Say how often a criterion came out how: `9 PASS, 1 ERROR`."""
    return ", ".join(
        f"{number} {STATUS_NAMES[status]}" for status, number in criterion.counts.items() if number
    )


def _table(spread: Spread, *, with_words: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("criterion", no_wrap=True)
    table.add_column("outcomes", overflow="fold")
    for name in ("least", "median", "most", "spread", *(["limit"] if with_words else [])):
        table.add_column(name, justify="right", no_wrap=True)
    if with_words:
        table.add_column("measured", overflow="fold")
    for one in spread.criteria:
        worst = next((name for name in _WORST_FIRST if one.counts[name]), "not_run")
        words = [f"{one.what} ({one.metric})" if one.what else ""] if with_words else []
        table.add_row(
            one.id if with_words else short_id(one.id),
            Text(outcomes(one), style=_STYLES[worst]),
            *_values(one)[: None if with_words else 4],
            *map(Text, words),
        )
    return table


def _values(one: CriterionSpread) -> tuple[str, ...]:
    if one.least is None or one.median is None or one.most is None or one.limit is None:
        return ("",) * 5
    unit = cast("Unit", one.unit)
    apart = "" if one.relative_spread is None else format_quantity(one.relative_spread, "fraction")
    values = (format_amount(value, unit) for value in (one.least, one.median, one.most))
    return (*values, apart, f"{one.side} {format_quantity(one.limit, unit)}")


def _explain(run: RunResult) -> str:
    parts = [
        *([", ".join(run.not_passed)] if run.not_passed else []),
        *([run.problem] if run.problem else []),
    ]
    return f"{run.folder} {run.verdict.upper()}: {'; '.join(parts)}"
