"""The proof on the terminal: the table of mutants and criteria, what is not as expected, and the outcome last."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicegate.judge.criterion import short_id
from voicegate.prove.proof import MutantResult, Proof
from voicegate.prove.table import MARKS, Cell, cell

_STYLES = {"pass": "green", "fail": "bold red", "error": "yellow", "not_run": "dim"}
_OUTCOME_STYLES = {"pass": "bold green", "fail": "bold red", "error": "bold yellow"}


def show(console: Console, proof: Proof) -> None:
    """Write the table, a line for each mutant that is not as expected, and the outcome as the last line."""
    console.print(_table(proof))
    legend = "  ".join(f"{mark} {meaning}" for mark, meaning in MARKS.items() if mark.strip())
    console.print(Text(legend, style="dim"))
    for one in proof.mutants:
        if one.outcome != "expected":
            console.print(Text(f"\n{one.name}: {one.sentence}", style="bold"), soft_wrap=True)
            console.print(Text(f"  what is wrong with it: {one.wrong}"), soft_wrap=True)
            console.print(Text(f"  its report: {one.report or 'none'}"), soft_wrap=True)
    if proof.left_out:
        console.print(Text(f"\nnot tried: {', '.join(proof.left_out)}"), soft_wrap=True)
    console.print(Text(proof.headline(), style=_OUTCOME_STYLES[proof.outcome]))


def _table(proof: Proof) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("mutant", no_wrap=True)
    for id_ in proof.criteria:
        table.add_column(short_id(id_), justify="center", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    for one in proof.mutants:
        cells = [_cell(one, id_) for id_ in proof.criteria]
        marks = [Text(found.mark, style=_STYLES[found.tone]) for found in cells]
        name = Text(one.name, style="" if one.outcome == "expected" else "bold")
        table.add_row(name, *marks, f"{one.duration_s:.0f} s")
    return table


def _cell(one: MutantResult, id_: str) -> Cell:
    return cell(one.statuses.get(id_, "not_run"), expected=one.expected_of(id_))
