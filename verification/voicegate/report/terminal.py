"""The verdict on a terminal: one table, and the reasons of everything that did not pass or warns."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicegate.judge.finding import Finding, Measurement, Status
from voicegate.report.verdict import Verdict

_STYLES = {Status.PASS: "green", Status.FAIL: "bold red", Status.ERROR: "yellow", Status.NOT_RUN: "dim"}
_NAMES = {Status.PASS: "PASS", Status.FAIL: "FAIL", Status.ERROR: "ERROR", Status.NOT_RUN: "not run"}
_WIDE = 110  # columns; below that the table has no room for words
_VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "error": "bold yellow"}


def show(console: Console, verdict: Verdict, findings: Sequence[Finding]) -> None:
    """Write the table, then what did not pass or warns, then the verdict as the last line."""
    console.print(_table(findings, with_words=console.width >= _WIDE))
    for finding in findings:
        if finding.status in (Status.FAIL, Status.ERROR) or finding.advice:
            for line in _explain(finding):
                console.print(line, soft_wrap=True)
    if verdict.latency:
        console.print(
            f"First sound of the reply: median {verdict.latency.median_s:.2f} s,"
            f" 95 % within {verdict.latency.p95_s:.2f} s, {verdict.latency.turns} turns."
        )
    if verdict.detail:
        console.print(Text(f"The run was {verdict.outcome}: {verdict.detail}"), soft_wrap=True)
    console.print(Text(verdict.headline(), style=_VERDICT_STYLES[verdict.verdict]))


def _table(findings: Sequence[Finding], *, with_words: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("criterion", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("observed", justify="right", no_wrap=True)
    table.add_column("limit", justify="right", no_wrap=True)
    table.add_column("margin", justify="right", no_wrap=True)
    if with_words:
        table.add_column("measured", overflow="fold")
    for finding in findings:
        status = Text(_NAMES[finding.status], style=_STYLES[finding.status])
        words = [Text(_measured(finding))] if with_words else []
        table.add_row(finding.id, status, *_values(finding.headline), *words)
    return table


def _values(measured: Measurement | None) -> tuple[str, str, str]:
    if measured is None:
        return "", "", ""
    return measured.value_text, measured.limit_text, measured.margin_text


def _measured(finding: Finding) -> str:
    """Say what the values beside it are; reasons of what did not pass follow below the table."""
    if finding.status in (Status.FAIL, Status.ERROR) and finding.headline is not None:
        return f"{finding.headline.what} ({finding.headline.metric})"
    return finding.short()


def _explain(finding: Finding) -> Iterable[Text]:
    yield Text(f"\n{finding.id} {_NAMES[finding.status]}: {finding.reason}", style=_STYLES[finding.status])
    yield from (Text(f"  {line}") for line in finding.evidence)
    if finding.advice:
        yield Text(f"  What to do: {finding.advice}", style="italic")
