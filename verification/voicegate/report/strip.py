"""Strips: one criterion's values in several runs as dots on one axis."""

from math import isfinite

from markupsafe import Markup

from voicegate.quantity import format_amount, format_quantity
from voicegate.report.drawing import Dots, Plot, Titled, draw
from voicegate.report.spread import CriterionSpread

_WIDTH, _HEIGHT = 360, 44
_ROWS = 10
_COLORS = {"pass": "pass", "fail": "fail", "error": "error", "not_run": "idle"}


def make_strip(criterion: CriterionSpread, names: list[str]) -> Markup | None:
    """Draw a criterion's values against its limit, the runs below each other; None for counts, of which the table says everything."""
    one, unit = criterion, criterion.unit
    if unit is None or unit == "count" or one.median is None or one.limit is None:
        return None
    values = [value for value in one.observed if value is not None]
    finite = [value for value in (0.0, one.limit, *values) if isfinite(value)]
    pad = 0.04 * (max(finite) - min(finite) or 1.0)
    left, right, top, bottom = min(finite) - pad, max(finite) + pad, -0.8, _ROWS - 0.2
    dots: dict[str, list[Titled]] = {}
    for number, (name, value, status) in enumerate(zip(names, one.observed, one.statuses, strict=True)):
        if value is not None:  # what is infinite stands at the end
            title = f"{name}: {format_quantity(value, unit)}"
            dots.setdefault(status or "not_run", []).append((min(value, right), number % _ROWS, title))
    lines = ((one.limit, "fail", "limit"), (min(one.median, right), "ink", "median"))
    plot = Plot(
        [
            *(
                Dots([(x, top, name), (x, bottom, name)], color, line="-", marker="")
                for x, color, name in lines
            ),
            *(Dots(points, _COLORS[status]) for status, points in dots.items()),
        ],
        _HEIGHT,
        (left, right),
        (bottom, top),
        lambda value: format_amount(value, unit),
        whole_x=False,
    )
    return draw(f"{one.id}: {one.what}", [plot], _WIDTH)
