"""The charts of a load run: memory by the calls that were up, and how long callers waited when."""

from math import isfinite

from voicegate.judge.load.memory import steady_levels
from voicegate.judge.registry import Rules
from voicegate.measure.waits import percentile, wait_of
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording
from voicegate.report.charts import Chart, draw, fit_of, megabytes, points_of

_PERCENTS = ((50, "fit"), (95, "level"), (99, "limit"))


def make_load_charts(recording: Recording, rules: Rules) -> tuple[Chart, ...]:
    """Draw what the recording has the data for."""
    charts = (_memory_chart(recording, rules), _waits_chart(recording), _calls_chart(recording))
    return tuple(chart for chart in charts if chart is not None)


def _memory_chart(recording: Recording, rules: Rules) -> Chart | None:
    levels = steady_levels(recording, rules.limits) if recording.calls else ()
    fit = fit_of(levels)
    if fit is None:
        return None
    base, slope = fit
    allowed = rules.limits.load_call_bytes
    return draw(
        "Memory by calls that are up",
        "calls",
        [(points_of(levels), "dot")],
        [
            (base, slope, "fit", f"{format_bytes(slope)} per call"),
            (base, allowed, "limit", f"limit {format_bytes(allowed)}"),
        ],
        megabytes,
        least_range=3 * allowed,
    )


def _waits_chart(recording: Recording) -> Chart | None:
    waits = [(turn.t, wait_of(turn), turn.call) for turn in recording.turns if turn.latency_s is not None]
    if not waits:
        return None
    values = [wait_of(turn) for turn in recording.turns]
    every = [(percentile(values, percent), percent, kind) for percent, kind in _PERCENTS]
    lines = [one for one in every if isfinite(one[0])]  # the others fall among turns without a reply
    return draw(
        "Wait for the first sound of the reply, over time",
        "seconds into the run",
        [([(t, wait_s, f"{call}: {wait_s:.2f} s") for t, wait_s, call in waits], "dot")],
        [(value_s, 0, kind, f"p{percent} {value_s:.2f} s") for value_s, percent, kind in lines],
        lambda value: f"{value:.1f} s",
        from_zero=True,
    )


def _calls_chart(recording: Recording) -> Chart | None:
    """Draw each wait over the number of calls that were up when it began."""
    up: list[tuple[float, int]] = sorted(
        (event.t, 1 if event.step == "agent_audio" else -1)
        for event in recording.calls
        if event.step in ("agent_audio", "hung_up")
    )
    points = [
        (
            sum(change for t, change in up if t <= turn.t),
            wait_of(turn),
            f"{turn.call}: {wait_of(turn):.2f} s",
        )
        for turn in recording.turns
        if turn.latency_s is not None
    ]
    if len({calls for calls, _, _ in points}) < 2:
        return None
    return draw(
        "The same by calls that are up",
        "calls",
        [(points, "dot")],
        [],
        lambda value: f"{value:.1f} s",
        from_zero=True,
    )
