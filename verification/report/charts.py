"""Small charts as geometry: settled memory over calls (C5) and over cycles (C6), and latency by turn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from verification.judge.criterion import Rules
from verification.judge.memory_levels import level_of
from verification.judge.quantity import format_bytes
from verification.judge.spans import AFTER_CYCLE, after_first_call, spans
from verification.judge.trend import theil_sen
from verification.record.events import Recording
from verification.report.axes import Scale
from verification.report.latency import latency_of
from verification.report.timeline import Tick

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 384, 220, 58, 12, 12, 34


@dataclass(frozen=True, slots=True)
class Dot:
    """One measured point."""

    x: float
    y: float
    title: str


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
_Straight = tuple[float, float, str, str]  # intercept, slope, kind, text


def make_charts(recording: Recording, rules: Rules) -> tuple[Chart, ...]:
    """Draw what the recording has the data for."""
    charts = (_calls_chart(recording, rules), _cycles_chart(recording, rules), _latency_chart(recording))
    return tuple(chart for chart in charts if chart is not None)


def _calls_chart(recording: Recording, rules: Rules) -> Chart | None:
    later = after_first_call(spans(recording))
    levels = [level for span in later if (level := level_of(recording, span, rules.limits))]
    points = [(level.concurrent_calls, level.pss_bytes, level.describe()) for level in levels]
    if len({x for x, _, _ in points}) < 2:
        return None
    slope = theil_sen([x for x, _, _ in points], [y for _, y, _ in points], rules.limits.confidence).slope
    base = median([y - slope * x for x, y, _ in points])
    allowed = rules.limits.extra_connection_bytes
    return _chart(
        "Settled memory by concurrent calls",
        "concurrent calls",
        points,
        [
            (base, slope, "fit", f"{format_bytes(slope)} per call"),
            (base, allowed, "limit", f"limit {format_bytes(allowed)}"),
        ],
        _megabytes,
        least_range=3 * allowed,
    )


def _cycles_chart(recording: Recording, rules: Rules) -> Chart | None:
    rests = [span for span in spans(recording) if span.name.startswith(AFTER_CYCLE)]
    numbered = [
        (number, level_of(recording, span, rules.limits)) for number, span in enumerate(rests, start=1)
    ]
    points = [(number, level.pss_bytes, level.describe()) for number, level in numbered if level]
    judged = [point for point in points if point[0] > rules.limits.cycles_warm_up]
    if len(judged) < 2:
        return None
    slope = theil_sen([x for x, _, _ in judged], [y for _, y, _ in judged], rules.limits.confidence).slope
    base = median([y - slope * x for x, y, _ in judged])
    return _chart(
        "Settled memory after each cycle",
        "cycle",
        points,
        [(base, slope, "fit", f"{format_bytes(slope)} per cycle")],
        _megabytes,
        least_range=20e6,
    )


def _latency_chart(recording: Recording) -> Chart | None:
    latency = latency_of(recording.turns)
    if latency is None:
        return None
    timed = [(turn.call, turn.latency_s) for turn in recording.turns if turn.latency_s is not None]
    points = [(at, value, f"{name}: {value:.2f} s") for at, (name, value) in enumerate(timed, start=1)]
    return _chart(
        "Wait for the first sound of the reply",
        "turn",
        points,
        [
            (latency.median_s, 0, "fit", f"median {latency.median_s:.2f} s"),
            (latency.p95_s, 0, "level", f"p95 {latency.p95_s:.2f} s"),
        ],
        lambda value: f"{value:.1f} s",
        from_zero=True,
    )


def _chart(
    title: str,
    x_title: str,
    points: Sequence[_Point],
    straights: Sequence[_Straight],
    write: Callable[[float], str],
    *,
    least_range: float = 1.0,
    from_zero: bool = False,
) -> Chart:
    low, high = _padded([y for _, y, _ in points], least_range, from_zero)
    xs = [x for x, _, _ in points]
    x = Scale(min(xs) - 0.3, max(xs) + 0.3, LEFT, WIDTH - RIGHT)
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    return Chart(
        title=title,
        x_title=x_title,
        dots=tuple(Dot(x(at), y(value), text) for at, value, text in points),
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


def _megabytes(value: float) -> str:
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
