"""The page of a load run."""

from dataclasses import replace

from fakes.drawings import seen
from fakes.load_recordings import LoadRun
from voicegate.judge.registry import Limits, Rules
from voicegate.judging import judge
from voicegate.record.events import Recording
from voicegate.report.html import page_of
from voicegate.report.load_charts import make_load_charts
from voicegate.report.timeline import make_timeline
from voicegate.report.verdict import make_verdict
from voicegate.report.verdict_report import verdict_report

RULES = Rules(Limits(load_total_bytes=700_000_000))
RECORDING = LoadRun().recording()


def test_memory_waits_and_calls_are_drawn() -> None:
    """With a line for each percentile."""
    memory, waits, calls = (seen(chart.svg) for chart in make_load_charts(RECORDING, RULES))
    assert {"40.0 MB per call", "limit: 100.0 MB per call"} <= memory.texts.keys()
    assert {"p50 0.70 s", "p95 0.70 s", "p99 0.70 s"} <= waits.texts.keys()
    assert len(waits.titled(": 0.")) == len(calls.titled(": 0.")) == len(RECORDING.turns)


def test_what_there_is_no_data_for_is_not_drawn() -> None:
    """A run without calls has nothing to show."""
    assert make_load_charts(replace(RECORDING, calls=(), turns=(), memory=()), RULES) == ()


def test_the_limit_in_the_timeline_is_that_of_load() -> None:
    """Not C7's, which is for five calls."""
    timeline = make_timeline(RECORDING, RULES)
    assert timeline is not None
    assert [text for text in seen(timeline.svg).texts if "limit" in text] == ["L5 limit 700.0 MB"]


def broken_off(recording: Recording) -> Recording:
    """Let the end of the run cut the last call off."""
    last = max(recording.calls, key=lambda event: event.t)
    cut = replace(last, step="failed", detail="broken off", fault="run")
    return replace(recording, calls=tuple(cut if event == last else event for event in recording.calls))


def test_a_call_that_the_end_cut_off_is_not_shown_as_failed() -> None:
    """In the timeline nor in the table."""
    cut = broken_off(RECORDING)
    timeline = make_timeline(cut, RULES)
    page = page_of(verdict_report(make_verdict(cut, judge(cut, RULES).findings), cut, RULES))
    assert timeline is not None
    assert 'fill="var(--fail,#c02a1d)" fill-opacity' not in timeline.svg
    assert "WENT WRONG" not in page


def test_the_page_leads_to_locusts_own_report_and_says_that_nobody_listened() -> None:
    """Replies of a load run are not recognized again."""
    verdict = make_verdict(RECORDING, judge(RECORDING, RULES).findings)
    page = page_of(verdict_report(verdict, RECORDING, RULES))
    assert 'href="locust.html"' in page
    assert "not listened to" in page
    assert "L4-memory-per-call" in page
