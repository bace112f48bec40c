"""The verdict on a terminal."""

import io
from dataclasses import replace

from fakes.recordings import MB, Run, models_per_call
from rich.console import Console
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import End, Recording
from voicegate.report.contents import Column, On, Report, Table
from voicegate.report.document import Document
from voicegate.report.terminal import show as write
from voicegate.report.verdict import make_verdict
from voicegate.report.verdict_report import verdict_report


def shown(recording: Recording, width: int = 160) -> str:
    """Judge a recording and show the verdict in so many columns."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    findings = [criterion(recording, Rules()) for criterion in CRITERIA]
    write(console, verdict_report(make_verdict(recording, findings), recording, Rules()))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_table_has_every_criterion_and_ends_in_the_verdict() -> None:
    """One line per criterion, the verdict last."""
    lines = shown(Run(conversation=True).recording()).splitlines()
    assert all(any(line.startswith(one.id) and "PASS" in line for line in lines) for one in CRITERIA)
    assert lines[-1] == f"PASS: {len(CRITERIA)} passed"


def test_failures_are_explained() -> None:
    """What failed comes with its values, its evidence and what to do."""
    text = shown(Run(lines=models_per_call, per_call_bytes=850 * MB).recording())
    assert "C5-extra-connection FAIL: from 0 to 1 call: 850.0 MB per call" in text
    assert "no ASR reuse in call-02" in text
    assert "What to do: " in text


def test_why_a_run_ended_early_is_said() -> None:
    """Above the verdict, which stays the last line."""
    end = End(500.0, "interrupted", "stopped early: L2 can no longer be met")
    lines = shown(replace(Run().recording(), end=end)).splitlines()
    assert lines[-2] == "The run was interrupted: stopped early: L2 can no longer be met"


def test_square_brackets_of_the_agent_are_text() -> None:
    """Brackets in evidence are not taken for markup."""
    assert "[850.0 MB to" in shown(Run(per_call_bytes=850 * MB).recording())


def test_narrow_terminal_keeps_the_values() -> None:
    """Where there is no room for words, each criterion still has one line with its values."""
    lines = shown(Run().recording(), width=80).splitlines()
    (dear,) = (line for line in lines if line.startswith("C5"))
    assert dear.split() == [
        "C5-extra-connection",
        "PASS",
        "40.0",
        "MB",
        "per",
        "call",
        "<",
        "100.0",
        "MB",
        "+60.0",
        "MB",
    ]


def test_a_column_is_shown_where_it_belongs() -> None:
    """And a table, and its title, where there is more than one of them."""
    columns: tuple[Column[str], ...] = (
        Column("wide", str, on=On.WIDE),
        Column("narrow", str, on=On.NARROW),
    )
    one, other = Table("First", columns, ["item"]), Table("Elsewhere", columns, ["item"], on=On.PAGE)
    report = Report(Document(), "x.json", None, "Done", "", (one, other))

    def lines(width: int, report: Report) -> list[str]:
        screen = io.StringIO()
        write(Console(file=screen, width=width), report)
        return [line.strip() for line in screen.getvalue().splitlines()]

    assert lines(120, report) == ["wide", "item", "Done"]
    assert lines(80, report) == ["narrow", "item", "Done"]
    twice = replace(report, tables=(one, one))
    assert lines(80, twice) == ["", "First", "narrow", "item", "", "First", "narrow", "item", "Done"]


def test_warnings_are_shown() -> None:
    """A nearly full disk passes, and the terminal says so below the table."""
    text = shown(Run(free_bytes=(5_000_000_000, 4_900_000_000)).recording())
    assert "G8-disk PASS: at least 4.9 % of the disk is free; warning: only 4.9 %" in text
    assert "What to do: free some space there" in text
