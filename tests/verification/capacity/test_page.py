"""The capacity as page, Markdown and terminal."""

import io
from pathlib import Path

import pytest
from fakes.drawings import seen
from fakes.pages import Reader
from fakes.searches import MadeLevel, search_recording
from rich.console import Console
from voicegate.capacity.curves import cores_chart, waits_chart
from voicegate.capacity.level import judged_levels
from voicegate.capacity.page import render_page, render_summary, write_capacity
from voicegate.capacity.result import Capacity, isolation_result
from voicegate.capacity.terminal import show_capacity
from voicegate.judge.registry import Rules


def capacity(*searches: tuple[str, list[MadeLevel]], problem: str | None = None) -> Capacity:
    """Judge searches and put them together."""
    results = tuple(
        isolation_result(
            name, name, judged_levels(search_recording(levels), Rules()), finished=True, problem=problem
        )
        for name, levels in searches
    )
    return Capacity(
        verdict="pass",
        profile="micro",
        started_at="2026-11-25T03:00:00+00:00",
        at_least=1,
        most_calls=16,
        limit_p50_s=3.0,
        limit_p95_s=6.0,
        results=results,
    )


LEVELS = [
    MadeLevel(1),
    MadeLevel(4, waits_s=(8.0,), agent_cores=(0.2, 1.1, 0.4)),
    MadeLevel(2, waits_s=(1.5,)),
]
BOTH = capacity(("process", LEVELS), ("thread", [MadeLevel(1), MadeLevel(2)]))
NOTHING = capacity(("process", []), problem="no agent <b>at all</b>")


@pytest.mark.parametrize("shown", [BOTH, NOTHING])
def test_the_page_is_well_formed_and_self_contained(shown: Capacity) -> None:
    """Tags close in order, no script, and every link stays in the folder."""
    reader = Reader()
    page = render_page(shown)
    reader.feed(page)
    assert reader.open == []
    assert "script" not in reader.tags
    assert not [link for link in reader.links if "//" in link]
    assert "<b>at all" not in page


def test_the_page_has_both_charts_and_every_level() -> None:
    """And a link to what Locust wrote of each."""
    page = render_page(BOTH)
    assert page.count("<svg") == 2
    assert 'href="process/level-04/locust.html"' in page
    assert "process</b>: 2 calls hold, 4 do not (wait for a reply" in page


def test_charts_show_waits_and_cores_against_their_limits() -> None:
    """The curves of each search with all their levels; those that did not hold are hollow."""
    waits, cores = (seen(chart.svg) for chart in (waits_chart(BOTH), cores_chart(BOTH)) if chart)
    names = ("process p95", "process p50", "thread p95", "thread p50")
    assert {*names, "limit of p95", "limit of p50"} <= waits.texts.keys()
    assert [len(waits.titled(f"{name}, ")) for name in names] == [3, 3, 2, 2]
    assert "process p95, 4 calls: 8 s" in waits.titles
    assert "all 2 cores" in cores.texts
    assert len(cores.titled("process the agent, ")) == len(cores.titled("process everybody, ")) == 3
    assert render_page(BOTH).count('fill="var(--panel') == 2 * 2


def test_without_measurements_there_is_no_chart() -> None:
    """Rather than an empty one."""
    assert waits_chart(NOTHING) is None
    assert cores_chart(NOTHING) is None


def test_the_summary_has_the_answers_and_one_table() -> None:
    """Every row has as many cells as the head, the levels by their calls."""
    lines = render_summary(BOTH).splitlines()
    assert sum(line.startswith("**process: 2 calls hold") for line in lines) == 1
    rows = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert len(rows) == 2 + 5
    assert {row.count("|") for row in rows} == {11}
    assert [row.split("|")[2].strip() for row in rows[2:]] == ["1", "2", "4", "1", "2"]


@pytest.mark.parametrize("width", [80, 160])
def test_the_terminal_answers_first(width: int) -> None:
    """One line for each search, and tables that fit."""
    screen = io.StringIO()
    show_capacity(Console(file=screen, width=width, highlight=False), BOTH)
    lines = screen.getvalue().splitlines()
    assert lines[0].startswith("process: 2 calls hold, 4 do not (")
    assert lines[1].startswith("thread: 2 calls hold, more were not tried")
    assert max(map(len, lines[2:])) <= width
    assert "…" not in screen.getvalue()
    assert "8.00 s" in screen.getvalue()


def test_everything_is_written(tmp_path: Path) -> None:
    """Data, Markdown and page, side by side."""
    write_capacity(tmp_path, BOTH)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capacity.json", "report.html", "summary.md"]
    assert Capacity.model_validate_json((tmp_path / "capacity.json").read_text()) == BOTH
