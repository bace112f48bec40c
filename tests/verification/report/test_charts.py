"""The small charts."""

from dataclasses import replace

from fakes.drawings import seen
from fakes.recordings import MB, Run, change_variant, cut_at
from voicegate.judge import extra_connection, stabilizes
from voicegate.judge.registry import Rules
from voicegate.quantity import format_bytes
from voicegate.report.charts import make_charts, make_growth_chart

GOOD = Run().recording()


def test_four_charts_of_a_whole_run() -> None:
    """Calls, sharing, cycles and latency each have a chart with all their points."""
    calls, sharing, cycles, latency = (seen(chart.svg) for chart in make_charts(GOOD, Rules()))
    assert [len(chart.titled(" calls): PSS ")) for chart in (calls, sharing, cycles)] == [27, 26 + 3, 11]
    assert len(latency.titled("call-")) == 20
    assert {"without sharing: 892.0 MB per call", "with sharing: 40.0 MB per call"} <= sharing.texts.keys()


def test_the_calls_chart_shows_what_c5_judges() -> None:
    """The dearest step between medians, the worst single step and the limit, with the numbers of the finding."""
    recording = Run(per_call_bytes=60 * MB).recording()
    dearest, *_, worst = extra_connection.judge(recording, Rules()).measurements
    texts = seen(make_charts(recording, Rules())[0].svg).texts
    assert {
        f"median levels: at most {format_bytes(dearest.value)} per call",
        f"worst single step: {format_bytes(worst.value)} per call",
        "limit: 100.0 MB per call",
    } <= texts.keys()


def test_the_cycles_chart_shows_what_c6_judges() -> None:
    """Growth over all levels and in the last third, each with its interval."""
    recording = Run(cycles=24, leak_bytes=2 * MB).recording()
    growth, late, _ = stabilizes.judge(recording, Rules()).measurements
    texts = seen(make_charts(recording, Rules())[2].svg).texts
    for name, one in (("per cycle", growth), ("last third", late)):
        assert one.low is not None
        assert one.high is not None
        interval = f"({format_bytes(one.low)} to {format_bytes(one.high)})"
        assert f"{name}: {format_bytes(one.value)} {interval}" in texts
    assert "limit: 1.0 MB per cycle" in texts


def test_what_cannot_be_drawn_is_left_out() -> None:
    """A recording cut off before the first call has no charts; one without the variant has nothing to hold sharing against."""
    assert make_charts(cut_at(GOOD, 5), Rules()) == ()
    assert make_charts(replace(GOOD, memory=(), turns=()), Rules()) == ()
    assert (
        len(make_charts(replace(GOOD, memory=(), calls=()), Rules())) == 1
    )  # of latency, which needs turns alone
    assert len(make_charts(replace(GOOD, variants={}), Rules())) == 3
    assert len(make_charts(change_variant(GOOD, "unshared", memory=()), Rules())) == 3


def test_growth_is_drawn_over_calls() -> None:
    """Every level, and what a call adds in words."""
    chart = seen(make_growth_chart("Allocated", [(1, 60e6), (2, 62e6), (4, 66e6)], 2e6).svg)
    assert "after call 1: 60.0 MB" in chart.titles
    assert "2.0 MB per call" in chart.texts
