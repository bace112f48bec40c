"""A report on a terminal: its tables, what did not go well, and the headline last, as that is where the eye ends."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from voicegate.report.contents import Note, On, Report, Table
from voicegate.report.verdict import StatusName

STYLES: dict[StatusName | None, str] = {
    "pass": "green",
    "fail": "bold red",
    "error": "yellow",
    "not_run": "dim",
    None: "",
}
_WIDE = 110  # columns; below that a table has no room for words
_KINDS: dict[str, dict[str, Any]] = {
    "name": {"no_wrap": True},
    "text": {"overflow": "fold"},
    "outcome": {"overflow": "fold"},
    "number": {"justify": "right", "no_wrap": True},
    "mark": {"justify": "center", "no_wrap": True},
}


def show(console: Console, report: Report) -> None:
    """Write the report in as many columns as the terminal has."""
    on = On.WIDE if console.width >= _WIDE else On.NARROW
    tables = report.tables_on(on)
    for table in tables:
        if len(tables) > 1:
            console.print(Text(f"\n{table.title}", style="bold"), soft_wrap=True)
        console.print(_laid_out(table, on))
        if table.note:
            console.print(Text(table.note, style="dim"))
    lines = [line for note in report.notes for line in _explain(note)]
    lines += [Text(remark) for remark in report.remarks]
    lines += [Text(line, style=f"bold {STYLES[report.outcome]}") for line in report.headline.splitlines()]
    for line in lines:
        console.print(line, soft_wrap=True)


def _laid_out(table: Table[Any], on: On) -> Grid:
    columns = table.columns_on(on)
    dense = on is On.NARROW or any(column.kind == "mark" for column in columns)
    grid = Grid(box=None, pad_edge=False, header_style="dim", padding=(0, 1 if dense else 2, 0, 0))
    for column in columns:
        grid.add_column(column.name, **_KINDS[column.kind])
    for item in table.items:
        cells = (column.cell(item) for column in columns)
        grid.add_row(*(Text(cell.text, style=STYLES[cell.status]) for cell in cells))
    return grid


def _explain(note: Note) -> Iterator[Text]:
    yield Text(f"\n{note.title}: {note.text}".rstrip(), style=STYLES[note.status])
    yield from (Text(f"  {line}") for line in note.lines)
    if note.advice:
        yield Text(f"  What to do: {note.advice}", style="italic")
