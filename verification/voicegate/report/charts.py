"""Small charts as geometry: settled memory over calls (C5), with and without sharing (G10), over cycles (C6), and latency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from voicegate.judge import benefit
from voicegate.judge.extra_connection import by_calls, cost_per_call, cost_up_to, levels_after_first
from voicegate.judge.registry import Rules
from voicegate.judge.trend import CONFIDENCE, theil_sen
from voicegate.measure.memory_levels import Level, level_of
from voicegate.measure.phases import AFTER_CYCLE, spans
from voicegate.measure.waits import latency_of, wait_of
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording
from voicegate.report.axes import Scale
from voicegate.report.timeline import Tick

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 384, 220, 58, 12, 12, 34


@dataclass(frozen=True, slots=True)
class Dot:
    """One measured point."""

    x: float
    y: float
    title: str
    kind: str = "dot"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line across the chart: a fit, a limit or a percentile."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the drawing of one small chart needs."""

    title: str
    x_title: str
    dots: tuple[Dot, ...]
    strokes: tuple[Stroke, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


_Point = tuple[float, float, str]
_Series = tuple[Sequence[_Point], str]  # points and their kind
_Straight = tuple[float, float, str, str]  # intercept, slope, kind, text


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
    fit = (base, bytes_per_call, "fit", f"{format_bytes(bytes_per_call)} per call")
    return draw(title, "calls until then", [(points, "dot")], [fit], megabytes, least_range=2e6)


def _calls_chart(recording: Recording, rules: Rules) -> Chart | None:
    levels = levels_after_first(recording, rules.limits)
    fit = _line_up_to(levels, max((level.concurrent_calls for level in levels), default=0))
    if fit is None:
        return None
    base, slope = fit
    allowed = rules.limits.extra_connection_bytes
    return draw(
        "Settled memory by concurrent calls",
        "concurrent calls",
        [(points_of(levels), "dot")],
        [
            (base, slope, "fit", f"{format_bytes(slope)} per call"),
            (base, allowed, "limit", f"limit {format_bytes(allowed)}"),
        ],
        megabytes,
        least_range=3 * allowed,
    )


def _benefit_chart(recording: Recording, rules: Rules) -> Chart | None:
    """Draw both curves over the calls that both have: what more callers need without sharing was not tried."""
    act = recording.acts.get(benefit.ACT)
    if act is None:
        return None
    alone = benefit.unshared_levels(act, rules.limits)
    most = max((level.concurrent_calls for level in alone), default=0)
    shared = levels_after_first(recording, rules.limits)
    with_fit, without_fit = _line_up_to(shared, most), fit_of(alone)
    if with_fit is None or without_fit is None:
        return None
    return draw(
        "Settled memory with and without sharing",
        "concurrent calls",
        [
            (points_of([level for level in shared if level.concurrent_calls <= most]), "dot"),
            (points_of(alone), "dot-alone"),
        ],
        [
            (*without_fit, "alone", f"without sharing: {format_bytes(without_fit[1])} per call"),
            (*with_fit, "fit", f"with sharing: {format_bytes(with_fit[1])} per call"),
        ],
        megabytes,
        least_range=3 * rules.limits.extra_connection_bytes,
    )


def points_of(levels: Sequence[Level]) -> Sequence[_Point]:
    """Make points of levels: memory over concurrent calls."""
    return [(level.concurrent_calls, level.pss_bytes, level.describe()) for level in levels]


def _line_up_to(levels: Sequence[Level], most: int) -> tuple[float, float] | None:
    """Draw a line from the median level without calls to that with so many: where it begins, and its slope."""
    cost = cost_up_to(levels, most)
    return None if cost is None else (by_calls(levels)[0].pss_bytes, cost.slope)


def fit_of(levels: Sequence[Level]) -> tuple[float, float] | None:
    """Fit a line over concurrent calls: its level without calls, and its slope."""
    trend = cost_per_call(levels)
    if trend is None:
        return None
    return median(level.pss_bytes - trend.slope * level.concurrent_calls for level in levels), trend.slope


def _cycles_chart(recording: Recording, rules: Rules) -> Chart | None:
    rests = [span for span in spans(recording) if span.name.startswith(AFTER_CYCLE)]
    numbered = [
        (number, level_of(recording, span, rules.limits)) for number, span in enumerate(rests, start=1)
    ]
    points = [(number, level.pss_bytes, level.describe()) for number, level in numbered if level]
    judged = [point for point in points if point[0] > rules.limits.cycles_warm_up]
    if len(judged) < 2:
        return None
    slope = theil_sen([x for x, _, _ in judged], [y for _, y, _ in judged], CONFIDENCE).slope
    base = median([y - slope * x for x, y, _ in judged])
    return draw(
        "Settled memory after each cycle",
        "cycle",
        [(points, "dot")],
        [(base, slope, "fit", f"{format_bytes(slope)} per cycle")],
        megabytes,
        least_range=20e6,
    )


def _latency_chart(recording: Recording) -> Chart | None:
    latency = latency_of(recording.turns)
    if latency is None:
        return None
    timed = [(turn.call, wait_of(turn)) for turn in recording.turns if turn.latency_s is not None]
    points = [(at, value, f"{name}: {value:.2f} s") for at, (name, value) in enumerate(timed, start=1)]
    return draw(
        "Wait for the first sound of the reply",
        "turn",
        [(points, "dot")],
        [
            (latency.median_s, 0, "fit", f"median {latency.median_s:.2f} s"),
            (latency.p95_s, 0, "level", f"p95 {latency.p95_s:.2f} s"),
        ],
        lambda value: f"{value:.1f} s",
        from_zero=True,
    )


def draw(
    title: str,
    x_title: str,
    series: Sequence[_Series],
    straights: Sequence[_Straight],
    write: Callable[[float], str],
    *,
    least_range: float = 1.0,
    from_zero: bool = False,
) -> Chart:
    """Draw series of points, one point at least, and straight lines; `write` makes a text of a y value."""
    low, high = _padded([y for points, _ in series for _, y, _ in points], least_range, from_zero)
    xs = [x for points, _ in series for x, _, _ in points]
    x = Scale(min(xs) - 0.3, max(xs) + 0.3, LEFT, WIDTH - RIGHT)
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    return Chart(
        title=title,
        x_title=x_title,
        dots=tuple(Dot(x(at), y(value), text, kind) for points, kind in series for at, value, text in points),
        strokes=tuple(_stroke(straight, x, y) for straight in straights),
        x_ticks=tuple(Tick(x(at), f"{at:.0f}") for at in x.ticks(6) if at == int(at)),
        y_ticks=tuple(Tick(y(value), write(value)) for value in y.ticks(5)),
    )


def _padded(values: Sequence[float], least_range: float, from_zero: bool) -> tuple[float, float]:
    low, high = (0.0 if from_zero else min(values)), max(values)
    missing = max(0.0, least_range - (high - low))
    if from_zero:
        return 0.0, 1.3 * high
    pad = 0.1 * max(high - low, least_range)
    return low - missing / 2 - pad, high + missing / 2 + 3 * pad


def megabytes(value: float) -> str:
    """Write bytes for an axis."""
    return f"{value / 1e6:,.0f} MB"


def _stroke(straight: _Straight, x: Scale, y: Scale) -> Stroke:
    """Clip a straight line to the chart."""
    base, slope, kind, text = straight
    left, right = x.low, x.high
    if slope > 0:
        left, right = max(left, (y.low - base) / slope), min(right, (y.high - base) / slope)
    if slope < 0:
        left, right = max(left, (y.high - base) / slope), min(right, (y.low - base) / slope)
    return Stroke(x(left), y(base + slope * left), x(right), y(base + slope * right), kind, text)
