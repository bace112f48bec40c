"""The small charts."""

from dataclasses import replace

from fakes.recordings import Run, change_act, cut_at
from voicegate.judge.registry import Rules
from voicegate.report.charts import make_charts, make_growth_chart

GOOD = Run().recording()


def test_four_charts_of_a_whole_run() -> None:
    """Calls, sharing, cycles and latency each have a chart with all their points."""
    calls, sharing, cycles, latency = make_charts(GOOD, Rules())
    dots = [len(chart.dots) for chart in (calls, sharing, cycles, latency)]
    assert dots == [27, 26 + 3, 10, 20]
    assert [stroke.text for stroke in calls.strokes] == ["40.0 MB per call", "limit 100.0 MB"]


def test_lines_stay_inside() -> None:
    """Fits and limits are clipped to the chart."""
    for chart in make_charts(GOOD, Rules()):
        for stroke in chart.strokes:
            assert chart.left - 1 <= stroke.x1 <= stroke.x2 <= chart.right + 1
            assert chart.top - 1 <= min(stroke.y1, stroke.y2) <= max(stroke.y1, stroke.y2) <= chart.bottom + 1


def test_what_cannot_be_drawn_is_left_out() -> None:
    """A recording cut off before the first call has no charts."""
    assert make_charts(cut_at(GOOD, 5), Rules()) == ()
    assert make_charts(replace(GOOD, memory=(), turns=()), Rules()) == ()


def test_turns_without_their_calls_are_drawn() -> None:
    """The latency chart needs turns, not the events of their calls."""
    (latency,) = make_charts(replace(GOOD, memory=(), calls=()), Rules())
    assert len(latency.dots) == 20


def test_both_curves_of_the_benefit() -> None:
    """Memory with and without sharing are drawn on one scale, each with its line and its cost per call."""
    sharing = make_charts(GOOD, Rules())[1]
    assert {dot.kind for dot in sharing.dots} == {"dot", "dot-alone"}
    assert [stroke.text for stroke in sharing.strokes] == [
        "without sharing: 892.0 MB per call",
        "with sharing: 40.0 MB per call",
    ]
    steep, flat = sharing.strokes
    assert steep.y1 - steep.y2 > 10 * (flat.y1 - flat.y2) > 0


def test_no_act_no_curves() -> None:
    """Without the act there is nothing to hold sharing against."""
    assert len(make_charts(replace(GOOD, acts={}), Rules())) == 3
    assert len(make_charts(change_act(GOOD, "unshared", memory=()), Rules())) == 3


def test_growth_is_drawn_over_calls() -> None:
    """Every level, and what a call adds in words."""
    chart = make_growth_chart("Allocated", [(1, 60e6), (2, 62e6), (4, 66e6)], 2e6)
    assert chart.dots[0].title == "after call 1: 60.0 MB"
    assert [stroke.text for stroke in chart.strokes] == ["2.0 MB per call"]
    assert chart.dots[0].y > chart.dots[1].y > chart.dots[2].y
