"""The spread of several runs as one self-contained page, and as Markdown."""

from math import isfinite
from pathlib import Path

from markupsafe import Markup

from voicegate.quantity import Unit, format_amount, format_quantity
from voicegate.report.drawing import Dots, Plot, Titled, draw
from voicegate.report.folder import PAGE, write_text
from voicegate.report.page import STATUS_NAMES
from voicegate.report.spread import CriterionSpread, Spread
from voicegate.report.spread_terminal import outcomes
from voicegate.report.templating import templates

_WIDTH, _HEIGHT = 360, 44
_ROWS = 10
_COLORS = {"pass": "pass", "fail": "fail", "error": "error", "not_run": "idle"}
_FILTERS = {"outcomes": outcomes}


def write_spread(folder: Path, spread: Spread) -> None:
    """Write spread.json, summary.md and report.html; raises ReportError when one cannot be written."""
    write_text(folder / "spread.json", spread.to_json())
    write_text(folder / "summary.md", render_spread_summary(spread))
    write_text(folder / PAGE, render_spread_page(spread))


def render_spread_page(spread: Spread) -> str:
    """Write the page: HTML without scripts or links to anything but the reports of the runs beside it."""
    strips = {one.id: make_strip(one, [run.folder for run in spread.runs]) for one in spread.criteria}
    template = templates(autoescape=True, filters=_FILTERS).get_template("spread.html")
    return template.render(spread=spread, names=STATUS_NAMES, strips=strips)


def render_spread_summary(spread: Spread) -> str:
    """Write the summary: one table of criteria in Markdown, and the runs that did not pass."""
    return templates(autoescape=False, filters=_FILTERS).get_template("spread.md").render(spread=spread)


def make_strip(criterion: CriterionSpread, names: list[str]) -> Markup | None:
    """Draw a criterion's values against its limit, the runs below each other; None for counts, of which the table says everything."""
    one = criterion
    if one.unit in (None, "count") or one.median is None or one.limit is None:
        return None
    unit: Unit = one.unit  # type: ignore[assignment]
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
