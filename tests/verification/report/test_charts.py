"""The small charts."""

from dataclasses import replace

from fakes.recordings import Run, cut_at

from verification.judge.criterion import Rules
from verification.report.charts import make_charts

GOOD = Run().recording()


def test_three_charts_of_a_whole_run() -> None:
    """Calls, cycles and latency each have a chart with all their points."""
    calls, cycles, latency = make_charts(GOOD, Rules())
    assert (len(calls.dots), len(cycles.dots), len(latency.dots)) == (27, 10, 20)
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
