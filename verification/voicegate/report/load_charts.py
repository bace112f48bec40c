"""The charts of a load run: memory by the calls that were up, and how long callers waited when."""

from collections.abc import Sequence
from math import isfinite

from voicegate.judge.load.memory import steady_levels
from voicegate.judge.registry import Rules
from voicegate.measure.calls import calls_in_order
from voicegate.measure.waits import percentile, wait_of
from voicegate.record.events import Recording, Turn
from voicegate.report.charts import Chart, draw_chart, fit_of, limit_through, megabytes, points_of
from voicegate.report.drawing import Dots, Mark, Straight

_PERCENTS = ((50, "main", "-"), (95, "ink", "--"), (99, "fail", "-"))


def make_load_charts(recording: Recording, rules: Rules) -> tuple[Chart, ...]:
    """Draw what the recording has the data for."""
    charts = (_memory_chart(recording, rules), _waits_chart(recording), _calls_chart(recording))
    return tuple(chart for chart in charts if chart is not None)


def _memory_chart(recording: Recording, rules: Rules) -> Chart | None:
    levels = steady_levels(recording, rules.limits) if recording.calls else ()
    fit = fit_of(levels)
    if fit is None:
        return None
    allowed = rules.limits.load_call_bytes
    marks: list[Mark] = [limit_through(0, fit.at, allowed, "call"), fit, Dots(points_of(levels))]
    return draw_chart("Memory by calls that are up", "calls", marks, megabytes, 3 * allowed)


def _waits_chart(recording: Recording) -> Chart | None:
    timed = _timed(recording)
    if not timed:
        return None
    values = [wait_of(turn) for turn in recording.turns]
    percentiles = [(percentile(values, percent), percent, color, line) for percent, color, line in _PERCENTS]
    lines = [
        Straight(value_s, color, f"p{percent} {value_s:.2f} s", line=line)
        for value_s, percent, color, line in percentiles
        if isfinite(value_s)  # the others fall among turns without a reply
    ]
    dots = Dots([(turn.t, wait_of(turn), title) for turn, title in timed])
    title = "Wait for the first sound of the reply, over time"
    return draw_chart(title, "seconds into the run", [dots, *lines], "{:.1f} s".format)


def _calls_chart(recording: Recording) -> Chart | None:
    """Draw each wait over the number of calls that were up when it began."""
    calls = calls_in_order(recording) if recording.calls else ()
    points = [
        (sum(call.up_at(turn.t) for call in calls), wait_of(turn), title) for turn, title in _timed(recording)
    ]
    if len({up for up, _, _ in points}) < 2:
        return None
    return draw_chart("The same by calls that are up", "calls", [Dots(points)], "{:.1f} s".format)


def _timed(recording: Recording) -> Sequence[tuple[Turn, str]]:
    """List the turns that were answered, with titles."""
    answered = [turn for turn in recording.turns if turn.latency_s is not None]
    return [(turn, f"{turn.call}: {wait_of(turn):.2f} s") for turn in answered]
