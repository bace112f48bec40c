"""The capacity on a terminal: the answers first, then every level that was tried."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicegate.capacity import wording
from voicegate.capacity.result import Capacity, IsolationResult

_STYLES = {True: "green", False: "bold red", None: "yellow"}
_WIDE = 110  # columns; below that there is no room for reasons beside the numbers


def show_capacity(console: Console, capacity: Capacity) -> None:
    """Write a line for each kind of isolation, then its levels by their calls."""
    for result in capacity.results:
        console.print(Text(result.headline(), style="bold"), soft_wrap=True)
    for result in capacity.results:
        if result.levels:
            console.print()
            console.print(_table(result, with_reasons=console.width >= _WIDE))


def _table(result: IsolationResult, *, with_reasons: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column(result.isolation, no_wrap=True)
    for name in ("calls", "turns", "p50", "p95", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("agent's cores" if with_reasons else "agent", overflow="fold")
    table.add_column("callers'" if with_reasons else "callers", justify="right", no_wrap=True)
    if with_reasons:
        table.add_column("why", overflow="fold")
    for level in wording.in_order(result):
        agent = wording.agent_cores(level) if with_reasons else wording.cores(level.agent_total_cores)
        table.add_row(
            Text(wording.HELD[level.held], style=_STYLES[level.held]),
            str(level.calls),
            str(level.turns),
            wording.seconds(level.p50_s),
            wording.seconds(level.p95_s),
            wording.failed_calls(level),
            agent,
            wording.callers_cores(level),
            *([Text(wording.why(level))] if with_reasons else []),
        )
    return table
