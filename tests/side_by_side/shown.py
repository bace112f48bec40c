"""A comparison for people: a table on the terminal, the same in Markdown, and what is worse in words."""

import math
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text
from side_by_side.comparison import SLOWER_BY, Comparison, ComparisonOutcome, Row, is_busy
from side_by_side.measured import Measured, Pair
from voicegate.quantity import format_quantity, format_signed
from voicegate.report.markdown import markdown_text

_STYLES = {
    ComparisonOutcome.SAME: "",
    ComparisonOutcome.SLOWER: "bold red",
    ComparisonOutcome.PERHAPS_SLOWER: "yellow",
    ComparisonOutcome.FASTER: "green",
    ComparisonOutcome.NEW: "dim",
    ComparisonOutcome.NOT_COMPARED: "dim",
}
_WORDS = {
    ComparisonOutcome.FASTER: "Faster",
    ComparisonOutcome.PERHAPS_SLOWER: "PERHAPS SLOWER, run again",
    ComparisonOutcome.SLOWER: "SLOWER",
}
_NUMBERS = ("ours", "other", "ratio", "middle half", "last", "change")
_COLUMNS = ("benchmark", *_NUMBERS, "measured")


def show(console: Console, comparison: Comparison) -> None:
    """Write the table, what is not in it, and how it came out as the last line."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in _COLUMNS:
        number = column in _NUMBERS
        table.add_column(column, justify="right" if number else "left", no_wrap=number, overflow="fold")
    group = None
    for row in comparison.rows:
        if row.now.group != group:
            group = row.now.group
            table.add_row(Text(group, style="bold"))
        table.add_row(*(Text(cell, style=_STYLES[row.outcome]) for cell in _cells(row, indent="  ")))
    console.print(table)
    for line, style in _remarks(comparison):
        console.print(Text(line, style=style), soft_wrap=True)


def to_markdown(comparison: Comparison) -> str:
    """Write the same for a CI job's page."""
    rows = [("group", *_COLUMNS), ("---", "---", *["---:"] * len(_NUMBERS), "---")]
    rows += [tuple(map(markdown_text, (row.now.group, *_cells(row)))) for row in comparison.rows]
    table = [f"| {' | '.join(cells)} |" for cells in rows]
    remarks = [f"\n{markdown_text(line)}" for line, _ in _remarks(comparison)]
    return "\n".join(["# Benchmarks\n", *table, *remarks]) + "\n"


def duration(seconds: float) -> str:
    """Write a time with three digits: `8.91 s`, `12.3 ms`, `850 µs`."""
    size, symbol = next(
        ((size, symbol) for size, symbol in ((1.0, "s"), (1e-3, "ms")) if seconds >= size), (1e-6, "µs")
    )
    return f"{three_digits(seconds / size)} {symbol}"


def three_digits(value: float) -> str:
    """Write three significant digits, and no exponent: `0.0126`, `1.20`, `53.1`, `120`."""
    if value <= 0:
        return f"{value:g}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}"


def _cells(row: Row, indent: str = "") -> tuple[str, ...]:
    pair, ratio = row.now.pair, row.now.pair.ratio
    last = "" if row.last is None else three_digits(row.last.pair.ratio.median)
    change = row.outcome.value if row.change is None else format_signed(row.change, "fraction")
    return (
        f"{indent}{row.now.name}",
        duration(pair.ours_s),
        duration(pair.beside_s),
        three_digits(ratio.median),
        f"{three_digits(ratio.low)} to {three_digits(ratio.high)}",
        last,
        change,
        f"per {pair.unit}; other: {pair.beside}{_errors(pair)}",
    )


def _errors(pair: Pair) -> str:
    """Put the word errors beside the speed: a way that hears nothing is fast."""
    return "; words wrong: {:.1%}, other {:.1%}".format(*pair.wrong_words) if pair.wrong_words else ""


def _remarks(comparison: Comparison) -> Iterable[tuple[str, str]]:
    """Say what the table does not: each line with its style."""
    for row in comparison.with_outcome(ComparisonOutcome.NOT_COMPARED):
        yield f"Not compared: {_full_name(row.now)}: {row.reason}", "dim"
    if comparison.missing:
        yield f"Not measured this time: {'; '.join(map(_full_name, comparison.missing))}", "dim"
    busy = [row.now for row in comparison.rows if is_busy(row.now)]
    if busy:
        share = max(one.pair.others_share for one in busy)
        names = "; ".join(map(_full_name, busy))
        yield (
            f"Other programs used up to {share:.0%} of the cores, which makes these uncertain: {names}",
            "yellow",
        )
    for outcome in _WORDS:
        for row in comparison.with_outcome(outcome):
            yield _sentence(row), _STYLES[outcome]
    yield _whole(comparison)


def _sentence(row: Row) -> str:
    cells = dict(zip(_COLUMNS, _cells(row), strict=True))
    return (
        f"{_WORDS[row.outcome]}: {_full_name(row.now)}: ratio {cells['ratio']}, "
        f"was {cells['last']} ({cells['change']}) in {row.file}{f'; {row.reason}' if row.reason else ''}"
    )


def _whole(comparison: Comparison) -> tuple[str, str]:
    limit = format_quantity(SLOWER_BY, "fraction")
    if slower := comparison.with_outcome(ComparisonOutcome.SLOWER):
        return f"{_count(slower)} slower than last time, by {limit} or more", _STYLES[
            ComparisonOutcome.SLOWER
        ]
    compared = [row for row in comparison.rows if row.last is not None]
    if not compared:
        return "Nothing to compare with yet: this run is kept for the next one", ""
    return f"{_count(compared)} compared with last time, none certainly slower by {limit} or more", "green"


def _count(rows: Sequence[Row]) -> str:
    return f"{len(rows)} {'benchmark' if len(rows) == 1 else 'benchmarks'}"


def _full_name(one: Measured) -> str:
    return f"{one.group}: {one.name}" if one.group else one.name
