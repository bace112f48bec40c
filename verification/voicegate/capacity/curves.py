"""Curves over the number of calls as geometry: how long callers waited, and what the agent used for it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from voicegate.capacity.result import Capacity, LevelResult
from voicegate.capacity.wording import in_order
from voicegate.report.axes import Scale
from voicegate.report.timeline import Line, Tick

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 584, 280, 52, 14, 14, 36


@dataclass(frozen=True, slots=True)
class CurveDot:
    """One level on a curve."""

    x: float
    y: float
    title: str
    held: bool | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The levels of one search: `points` for an SVG polyline; `isolation` is the number of the search, for its color."""

    label: str
    isolation: int
    kind: str  # "high" is drawn solid, "low" dashed
    points: str
    dots: tuple[CurveDot, ...]


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Everything the drawing of one chart needs."""

    title: str
    curves: tuple[Curve, ...]
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


_Value = Callable[[LevelResult], float | None]


def waits_chart(capacity: Capacity) -> CurveChart | None:
    """Draw median and 95th percentile of the waits against their limits; None without any."""
    limits = [(capacity.limit_p95_s, "limit of p95"), (capacity.limit_p50_s, "limit of p50")]
    curves: list[tuple[str, str, _Value]] = [
        ("p95", "high", lambda level: level.p95_s),
        ("p50", "low", lambda level: level.p50_s),
    ]
    return _chart(
        "Wait for the first sound of the reply", capacity, curves, limits, lambda value: f"{value:g} s"
    )


def cores_chart(capacity: Capacity) -> CurveChart | None:
    """Draw what the agent used, and what all together used, against what there was; None where that was not measured."""
    available = {level.cores for one in capacity.results for level in one.levels if level.cores is not None}
    limits = [(cores, f"all {cores:g} cores") for cores in sorted(available)]
    curves: list[tuple[str, str, _Value]] = [
        ("the agent", "high", lambda level: level.agent_total_cores),
        ("everybody", "low", _everybody),
    ]
    return _chart("Cores in use", capacity, curves, limits, lambda value: f"{value:g}")


def _everybody(level: LevelResult) -> float | None:
    if level.agent_total_cores is None or not level.other_cores:
        return None
    return level.agent_total_cores + sum(level.other_cores.values())


def _chart(
    title: str,
    capacity: Capacity,
    curves: Sequence[tuple[str, str, _Value]],
    limits: Sequence[tuple[float, str]],
    write: Callable[[float], str],
) -> CurveChart | None:
    levels = [level for one in capacity.results for level in one.levels]
    values = [found for level in levels for _, _, value in curves if (found := value(level)) is not None]
    if not values:
        return None
    x = Scale(0, max(level.calls for level in levels) + 0.5, LEFT, WIDTH - RIGHT)
    y = Scale(0, 1.1 * max(*values, *(limit for limit, _ in limits), 0.1), HEIGHT - BOTTOM, TOP)
    drawn = [
        _curve(f"{one.isolation} {label}", number, kind, _measured(in_order(one), value), x, y, write)
        for number, one in enumerate(capacity.results)
        for label, kind, value in curves
    ]
    return CurveChart(
        title=title,
        curves=tuple(curve for curve in drawn if curve.dots),
        lines=tuple(Line(y(limit), text, "limit") for limit, text in limits),
        x_ticks=tuple(Tick(x(at), f"{at:.0f}") for at in x.ticks(8) if at == int(at)),
        y_ticks=tuple(Tick(y(value), write(value)) for value in y.ticks(6)),
    )


def _measured(levels: Iterable[LevelResult], value: _Value) -> list[tuple[LevelResult, float]]:
    return [(level, found) for level in levels if (found := value(level)) is not None]


def _curve(
    label: str,
    isolation: int,
    kind: str,
    measured: Sequence[tuple[LevelResult, float]],
    x: Scale,
    y: Scale,
    write: Callable[[float], str],
) -> Curve:
    dots = tuple(
        CurveDot(
            x(level.calls), y(found), f"{label}, {level.calls} calls: {write(round(found, 2))}", level.held
        )
        for level, found in measured
    )
    return Curve(label, isolation, kind, " ".join(f"{dot.x},{dot.y}" for dot in dots), dots)
