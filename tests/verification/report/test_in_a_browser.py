"""Reports in a real browser, on a phone in light and on a desk in dark: axe finds nothing wrong, nothing is cut off, no labels overlap."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from accessibility import violations
from fakes.load_recordings import LoadRun
from fakes.recordings import MB, Run, models_per_call
from sample_report import SAMPLE
from verification.history.test_comparison import entry
from voicegate.drive.page.browser import Browser, Tab, running_browser
from voicegate.drive.page.program import find_browser
from voicegate.history.history_file import History
from voicegate.history.pages import trend_report
from voicegate.history.trend import make_trend
from voicegate.judge.registry import Rules, criteria_for
from voicegate.record.events import Recording
from voicegate.report.html import page_of
from voicegate.report.verdict import make_verdict
from voicegate.report.verdict_report import verdict_report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.from_elsewhere,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH"),
    pytest.mark.asyncio(loop_scope="module"),
]

LOOKS = ((390, "light"), (1280, "dark"))

OVERLAPPING = """JSON.stringify([...document.querySelectorAll("svg")].flatMap((svg) => {
  const level = [...svg.querySelectorAll("text")].filter((one) => !/rotate/.test(one.getAttribute("transform")));
  const labels = level.map((one) => ({ says: one.textContent.trim(), box: one.getBoundingClientRect() })).filter(({ box }) => box.width);
  const ink = ({ box }) => ({ top: box.top + box.height / 5, bottom: box.bottom - box.height / 5, left: box.left, right: box.right });
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return labels.flatMap((one, at) => labels.slice(at + 1).filter((other) => meet(ink(one), ink(other))).map((other) => [one.says, other.says]));
}))"""
"""Pairs of labels of one drawing that lie on each other; above and below its ink a letter's box is empty."""


def _report(recording: Recording) -> str:
    findings = [criterion(recording, Rules()) for criterion in criteria_for(recording)]
    return page_of(verdict_report(make_verdict(recording, findings), recording, Rules()))


def broken() -> str:
    """Write the report of a run in which much went wrong, on the page and off it."""
    recording = Run(lines=models_per_call, per_call_bytes=850 * MB, conversation=True).recording()
    calls = [replace(call, heard_s=0.0, answered_s=None, problem="no reply") for call in recording.page_calls]
    turns = (replace(recording.turns[0], transcript="something else"), *recording.turns[1:])
    return _report(replace(recording, page_calls=tuple(calls), turns=turns))


def load() -> str:
    """Write the report of a load run."""
    return _report(LoadRun(per_call_bytes=200 * MB).recording())


def trend() -> str:
    """Write the trend of ten runs, the last four of which are worse."""
    runs = tuple(entry(at, 1.0 + (at > 6) + at % 3 / 50) for at in range(1, 11))
    return page_of(trend_report(make_trend(History(Path(), runs))))


def sample() -> str:
    """Read the report that the project shows."""
    return (SAMPLE / "report.html").read_text("utf-8")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Run a browser."""
    async with running_browser() as running:
        yield running


async def shown(browser: Browser, text: str, folder: Path) -> Tab:
    """Open a page with all that can be opened in it."""
    (folder / "report.html").write_text(text, "utf-8")
    tab = await browser.tab()
    await tab.open((folder / "report.html").as_uri())
    await tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return tab


@pytest.mark.parametrize("write", [sample, broken, load, trend])
async def test_a_report_can_be_read_by_everybody(
    browser: Browser, tmp_path: Path, axe: str, write: Callable[[], str]
) -> None:
    """Nothing is forbidden by the page's own policy either."""
    tab = await shown(browser, write(), tmp_path)
    for width, scheme in LOOKS:
        await tab.look(width, 900, scheme)
        found = await violations(tab, axe)
        assert not found, (width, scheme, found)
        assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, scheme)
        overlapping = json.loads(await tab.evaluate(OVERLAPPING))
        assert not overlapping, (width, scheme, overlapping)
    assert tab.complaints == []


async def test_what_nobody_can_read_is_found(browser: Browser, tmp_path: Path, axe: str) -> None:
    """Pale words, a picture without words, and labels that lie on each other."""
    labels = '<svg width="90" height="30"><text y="20">one</text><text x="5" y="22">two</text></svg>'
    pale = f'<p style="color: #999">Pale</p><img src="none.png">{labels}'
    tab = await shown(browser, f"<!doctype html><title>Pale</title>{pale}", tmp_path)
    found = " ".join(await violations(tab, axe))
    assert "contrast" in found
    assert "alternative text" in found
    assert json.loads(await tab.evaluate(OVERLAPPING)) == [["one", "two"]]
