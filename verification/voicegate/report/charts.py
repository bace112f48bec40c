"""The small charts of a run: settled memory over calls (C5), with and without sharing (G10), over cycles (C6), and latency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from markupsafe import Markup

from voicegate.judge import benefit, stabilizes
from voicegate.judge.criterion import NotMeasured, NotRun
from voicegate.judge.extra_connection import (
    by_calls,
    cost_per_call,
    cost_up_to,
    levels_after_first,
    rises,
    step_cost,
    worst_of,
)
from voicegate.judge.finding import Measurement
from voicegate.judge.registry import Rules
from voicegate.measure.memory_levels import Level
from voicegate.measure.waits import latency_of, wait_of
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording
from voicegate.report.drawing import Dots, Mark, Plot, Straight, Titled, Write, draw

WIDTH, HEIGHT = 350, 170


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart and what stands above it."""

    title: str
    svg: Markup


def make_charts(recording: Recording, rules: Rules) -> tuple[Chart, ...]:
    """Draw what the recording has the data for."""
    charts = (
        _calls_chart(recording, rules),
        _benefit_chart(recording, rules),
        _cycles_chart(recording, rules),
        _latency_chart(recording),
    )
    return tuple(chart for chart in charts if chart is not None)


def make_growth_chart(title: str, levels: Sequence[tuple[int, float]], bytes_per_call: float) -> Chart:
    """Draw levels in bytes over the calls until then, and how much the last ones added each."""
    last_calls, last_level = levels[-1]
    base = last_level - bytes_per_call * last_calls
    points = [(calls, level, f"after call {calls}: {format_bytes(level)}") for calls, level in levels]
    fit = Straight(base, "main", f"{format_bytes(bytes_per_call)} per call", slope=bytes_per_call)
    return draw_chart(title, "calls until then", [Dots(points), fit], megabytes, 2e6)


def _calls_chart(recording: Recording, rules: Rules) -> Chart | None:
    """Draw the levels and what C5 holds against its limit: steps between the medians, and the worst single step."""
    levels, allowed = levels_after_first(recording, rules.limits), rules.limits.extra_connection_bytes
    steps = rises(levels)
    if not steps:
        return None
    typical = by_calls(levels)
    marks: list[Mark] = [
        limit_through(typical[0].concurrent_calls, typical[0].pss_bytes, allowed, "call"),
        _through(worst_of(steps, allowed), "ink", "worst single step: ", "--"),
        _through(typical, "main", "median levels: at most ", "-"),
        Dots(points_of(levels)),
    ]
    title = "Settled memory by concurrent calls"
    return draw_chart(title, "concurrent calls", marks, megabytes, 3 * allowed)


def limit_through(x: float, y: float, slope: float, per: str) -> Straight:
    """Draw a limit of growth, from a point that memory was at."""
    return Straight(y - slope * x, "fail", f"limit: {format_bytes(slope)} per {per}", slope=slope)


def _through(levels: Sequence[Level], color: str, name: str, line: str) -> Dots:
    """Join levels, and name the dearest step between them."""
    before, after = max(pairwise(levels), key=lambda step: step_cost(*step).slope)
    cost = f"{format_bytes(step_cost(before, after).slope)} per call"
    title = f"{before.phase} to {after.phase}: {cost}"
    points = [(level.concurrent_calls, level.pss_bytes, title) for level in levels]
    return Dots(points, color, f"{name}{cost}", line=line, marker="")


def _benefit_chart(recording: Recording, rules: Rules) -> Chart | None:
    """Draw both curves over the calls that both have: what more callers need without sharing was not tried."""
    variant = recording.variants.get(benefit.VARIANT)
    if variant is None:
        return None
    alone = benefit.unshared_levels(variant, rules.limits)
    most = max((level.concurrent_calls for level in alone), default=0)
    shared = levels_after_first(recording, rules.limits)
    without = _cost_of(alone, most, "alone", "without sharing")
    sharing = _cost_of(shared, most, "main", "with sharing")
    if without is None or sharing is None:
        return None
    marks: list[Mark] = [
        without,
        sharing,
        Dots(points_of(level for level in shared if level.concurrent_calls <= most)),
        Dots(points_of(alone), "alone"),
    ]
    least_range = 3 * rules.limits.extra_connection_bytes
    title = "Settled memory with and without sharing"
    return draw_chart(title, "concurrent calls", marks, megabytes, least_range)


def _cost_of(levels: Sequence[Level], most: int, color: str, name: str) -> Straight | None:
    """Draw what a call costs up to so many calls; None without two different numbers of calls."""
    cost = cost_up_to(levels, most)
    if cost is None:
        return None
    text = f"{name}: {format_bytes(cost.slope)} per call"
    return Straight(by_calls(levels)[0].pss_bytes, color, text, slope=cost.slope)


def points_of(levels: Iterable[Level]) -> Sequence[Titled]:
    """Make points of levels: memory over concurrent calls."""
    return [(level.concurrent_calls, level.pss_bytes, level.describe()) for level in levels]


def fit_of(levels: Sequence[Level]) -> Straight | None:
    """Fit a line over concurrent calls; None without two different numbers of calls."""
    trend = cost_per_call(levels)
    if trend is None:
        return None
    base = median(level.pss_bytes - trend.slope * level.concurrent_calls for level in levels)
    return Straight(base, "main", f"{format_bytes(trend.slope)} per call", slope=trend.slope)


def _cycles_chart(recording: Recording, rules: Rules) -> Chart | None:
    """Draw the levels that C6 judges, and the growth that it finds in them."""
    try:
        growth, *late, _ = stabilizes.measure(recording, rules).measurements
        numbered = stabilizes.judged_levels(recording, rules.limits)
    except (NotMeasured, NotRun):
        return None
    points = [(number, level.pss_bytes, level.describe()) for number, level in numbered]
    last_third = points[-(len(points) // 3) :]
    marks: list[Mark] = [
        limit_through(points[0][0], points[0][1], rules.limits.cycle_growth_bytes, "cycle"),
        *_growing(growth, points, "main", "per cycle"),
        *(mark for one in late for mark in _growing(one, last_third, "said", "last third")),
        Dots(points),
    ]
    return draw_chart("Settled memory after each cycle", "cycle", marks, megabytes, 20e6)


def _growing(growth: Measurement, points: Sequence[Titled], color: str, name: str) -> Iterable[Dots]:
    """Draw growth through the middle of its points, and dotted the ends of its interval."""
    middle_x = median(x for x, _, _ in points)
    middle_y = median(y - growth.value * (x - middle_x) for x, y, _ in points)
    ends = [growth.value if end is None else end for end in (growth.low, growth.high)]
    low, high = map(format_bytes, ends)
    text = f"{name}: {format_bytes(growth.value)} ({low} to {high})"
    for slope, line in (*((end, ":") for end in ends), (growth.value, "-")):
        along = [(x, middle_y + slope * (x - middle_x), growth.what) for x in (points[0][0], points[-1][0])]
        yield Dots(along, color, text if line == "-" else "", line=line, marker="")


def _latency_chart(recording: Recording) -> Chart | None:
    latency = latency_of(recording.turns)
    if latency is None:
        return None
    timed = [(turn.call, wait_of(turn)) for turn in recording.turns if turn.latency_s is not None]
    points = [(at, value, f"{name}: {value:.2f} s") for at, (name, value) in enumerate(timed, start=1)]
    lines = [
        Straight(latency.median_s, "main", f"median {latency.median_s:.2f} s"),
        Straight(latency.p95_s, "ink", f"p95 {latency.p95_s:.2f} s", line="--"),
    ]
    return draw_chart(
        "Wait for the first sound of the reply", "turn", [*lines, Dots(points)], "{:.1f} s".format
    )


def draw_chart(
    title: str, x_title: str, marks: Sequence[Mark], write: Write, least_range: float | None = None
) -> Chart:
    """Draw marks over whole numbers with all dots and level lines in view: from zero on, or in a range too wide for mountains of noise."""
    xs, ys, _ = zip(
        *(point for mark in marks if isinstance(mark, Dots) for point in mark.points), strict=True
    )
    levels = [*ys, *(mark.at for mark in marks if isinstance(mark, Straight) and not mark.slope)]
    pad = max(0.3, 0.02 * (max(xs) - min(xs)))
    y_range = 0.0, 1.1 * max(0.1, *levels)
    if least_range is not None:
        middle, reach = (min(ys) + max(ys)) / 2, 0.6 * max(max(ys) - min(ys), least_range)
        y_range = middle - reach, middle + reach
    plot = Plot(marks, HEIGHT, (min(xs) - pad, max(xs) + pad), y_range, "{:.0f}".format, write, x_title)
    return Chart(title, draw(title, [plot], WIDTH))


def megabytes(value: float) -> str:
    """Write bytes for an axis."""
    return f"{value / 1e6:,.0f} MB"
