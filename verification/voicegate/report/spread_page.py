"""Strips: one criterion's values in several runs as dots on one axis."""

from dataclasses import dataclass

from voicegate.quantity import format_amount, format_quantity
from voicegate.report.axes import Scale
from voicegate.report.spread import CriterionSpread

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 62, 10, 10, 6, 20
_ROWS = 10


@dataclass(frozen=True, slots=True)
class StripDot:
    """One run's value."""

    x: float
    y: float
    status: str
    title: str


@dataclass(frozen=True, slots=True)
class StripTick:
    """A round value on the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One criterion's values on one axis, the runs below each other from the first on, with the limit."""

    title: str
    dots: tuple[StripDot, ...]
    median_x: float
    limit_x: float
    ticks: tuple[StripTick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def make_strip(criterion: CriterionSpread, names: list[str]) -> Strip | None:
    """Draw a criterion's values against its limit; None for counts, of which the table says everything."""
    one = criterion
    if one.unit in (None, "count") or one.median is None or one.limit is None:
        return None
    runs = list(zip(names, one.observed, one.statuses, strict=True))
    values = [value for _, value, _ in runs if value is not None]
    low, high = min(0.0, one.limit, *values), max(0.0, one.limit, *values)
    pad = 0.04 * (high - low or 1.0)
    x = Scale(low - pad, high + pad, LEFT, WIDTH - RIGHT)
    row = (HEIGHT - BOTTOM - TOP - 8) / (_ROWS - 1)
    return Strip(
        title=f"{one.id}: {one.what}",
        dots=tuple(
            StripDot(
                x(value),
                round(TOP + 4 + row * (number % _ROWS), 2),
                status or "not_run",
                f"{name}: {format_quantity(value, one.unit)}",  # type: ignore[arg-type]
            )
            for number, (name, value, status) in enumerate(runs)
            if value is not None
        ),
        median_x=x(one.median),
        limit_x=x(one.limit),
        ticks=tuple(StripTick(x(value), format_amount(value, one.unit)) for value in x.ticks(4)),  # type: ignore[arg-type]
    )
