"""Plots as SVG, drawn by matplotlib in the colors of the pages' style sheet.

A plot is made of dots, straight lines, areas and bars; their titles show when somebody points at them. This is the only module that knows
matplotlib, and it imports it when something is drawn, because that takes its time. What matplotlib finds of settings on the machine does not count.
"""

import io
import logging
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from voicegate.report.page_svg import for_page, readable
from voicegate.variables import without_variables

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Titled = tuple[float, float, str]
"""Two numbers, where something lies, and what it says when somebody points at it."""
Write = Callable[[float], str]
"""Makes a text of a value on an axis."""

_AXIS_HEIGHT, _BARE_AXIS_HEIGHT, _KEY_HEIGHT, _LABELS_HEIGHT = 40, 24, 16, 78
_EDGE = 8
_LETTER_WIDTH = 6.4
_LABEL_WIDTH = 19  # between labels that are turned by _LABEL_ANGLE
_LABEL_ANGLE = 40
_LONGEST_LABEL = 24
_MOST_TITLED = 200  # shapes of one mark; nobody points at one of more, and a page has to be small
_WIDE_KEY = 26  # letters; longer texts stand below each other


@dataclass(frozen=True, slots=True)
class Dots:
    """Measured points, each with a marker; or without markers the `line` that joins them, which has the title of the first.

    Both as matplotlib writes them. The `text` of a line stands in the key.
    """

    points: Sequence[Titled]
    color: str = "ink"
    text: str = ""
    line: str = ""
    marker: str = "o"
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Straight:
    """A line across the whole plot, which has the value `at` where x is 0."""

    at: float
    color: str
    text: str = ""
    slope: float = 0.0
    line: str = "-"


@dataclass(frozen=True, slots=True)
class Area:
    """All below a line, down to zero."""

    points: Sequence[tuple[float, float]]
    color: str
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Stretches of x, each from its begin to its end with a title, in a lane or over the whole height."""

    spans: Sequence[Titled]
    color: str
    opacity: float = 1.0
    lane: int | None = None


Mark = Dots | Straight | Area | Bars


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn into one pair of axes, the first mark lowest. `labels` stand above their x; an axis that nobody writes has no values."""

    marks: Sequence[Mark]
    height: int
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    write_x: Write
    write_y: Write | None = None
    x_title: str = ""
    y_title: str = ""
    whole_x: bool = True
    labels: Sequence[tuple[float, str]] = ()


def draw(title: str, plots: Sequence[Plot], width: int) -> Markup:
    """Draw plots below each other, along one x axis; a screen reader says the title and the key. The same data makes the same bytes."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of a home that it may not write to
    with without_variables("MPLBACKEND", "MATPLOTLIBRC"):  # it refuses a backend that it does not know
        import matplotlib as mpl  # noqa: PLC0415
        from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415

    marks = [mark for plot in plots for mark in plot.marks]
    key = [readable(mark.text) for mark in marks if isinstance(mark, Dots | Straight) and mark.text]
    columns = 1 if any(len(text) > _WIDE_KEY for text in key) and width < 500 else 2 + width // 500
    rows = -(-len(key) // columns)
    axis_height = _AXIS_HEIGHT if any(plot.x_title for plot in plots) else _BARE_AXIS_HEIGHT
    height = axis_height + rows * _KEY_HEIGHT + sum(plot.height for plot in plots)
    height += _LABELS_HEIGHT if any(plot.labels for plot in plots) else 0
    titles: dict[str, Sequence[str]] = {}
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that its own font lacks: the page's has them
        mpl.rcdefaults()
        mpl.rcParams.update(_settings(title))
        figure = Figure(figsize=(width / 72, height / 72), dpi=72, frameon=False)
        grid = figure.subplots(len(plots), 1, sharex=True, squeeze=False)
        for row, plot in enumerate(plots):
            titles |= _fill(grid[row, 0], plot, width, row)
        _place(list(grid[:, 0]), plots, width, height, axis_height)
        if key:
            figure.legend(loc="upper left", ncols=columns)
        written = io.StringIO()
        FigureCanvasSVG(figure).print_svg(written)  # type: ignore[no-untyped-call]
    return for_page(written.getvalue(), ": ".join(filter(None, (title, ", ".join(key)))), titles, _colors())


@cache
def _colors() -> Mapping[str, str]:
    """Read the colors of the light theme by name; each has a value of its own, by which it is found again."""
    css = (files("voicegate.report") / "templates" / "style.css").read_text("utf-8")
    return dict(reversed(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", css)))


def _settings(title: str) -> dict[Any, object]:
    spines = [f"axes.spines.{side}" for side in ("left", "right", "top")]
    texts = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": readable(title),  # names within the SVG begin with what is its own
        "text.parse_math": False,
        "font.size": 11,
        "grid.color": _colors()["rule"],
        "legend.labelcolor": "linecolor",
        "legend.labelspacing": 0.2,
        "legend.handlelength": 1.5,
        **dict.fromkeys(
            ("xtick.major.size", "ytick.major.size", "legend.borderpad", "legend.borderaxespad"), 0
        ),
        **dict.fromkeys((*spines, "legend.frameon"), False),
        **dict.fromkeys(texts, _colors()["soft"]),
    }


def _fill(axes: "Axes", plot: Plot, width: int, row: int) -> Mapping[str, Sequence[str]]:
    """Draw a plot; returns the titles of what was drawn, by the name of their group."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes.patch.set_visible(False)
    titles = {}
    for number, mark in enumerate(plot.marks):
        artist = _put(axes, _merged(mark, (plot.x_range[1] - plot.x_range[0]) / width))
        artist.set_zorder(2 + number / 1000)
        artist.set_gid(f"{row}-{number}")
        titles[f"{row}-{number}"] = _titles(mark)
    axes.set_xlim(plot.x_range)
    axes.set_ylim(plot.y_range)
    steps = [1, 2, 5, 10]
    axes.xaxis.set_major_locator(MaxNLocator(3 + width // 120, steps=steps, integer=plot.whole_x))
    axes.xaxis.set_major_formatter(lambda value, _: plot.write_x(value))
    axes.set_xlabel(plot.x_title, loc="right")
    axes.set_ylabel(plot.y_title, rotation=0, ha="right", va="center")
    axes.grid(axis="y" if plot.write_y else "x")
    axes.yaxis.set_major_locator(MaxNLocator(2 + plot.height // 60, steps=steps))
    axes.yaxis.set_major_formatter(lambda value, _: plot.write_y(value) if plot.write_y else "")
    _write_labels(axes, plot, width)
    return titles


def _place(column: "list[Axes]", plots: Sequence[Plot], width: int, height: int, axis_height: int) -> None:
    """Give each plot its height above the axis that they share, and the edges what the values there take: matplotlib's own layouts draw everything twice more."""
    ticks = [(axes.yaxis.get_majorticklocs(), plot) for axes, plot in zip(column, plots, strict=True)]
    values = [plot.write_y(value) for found, plot in ticks if plot.write_y for value in found]
    letters = max(map(len, values), default=0) + max(len(plot.y_title) for plot in plots)
    last = max(len(plot.write_x(plot.x_range[1])) for plot in plots)
    left, right = _LETTER_WIDTH * letters + _EDGE, max(2 * _EDGE, _LETTER_WIDTH * last / 2 + _EDGE / 2)
    bottom = axis_height
    for axes, plot in reversed(list(zip(column, plots, strict=True))):
        high = plot.height - _EDGE
        axes.set_position((left / width, bottom / height, 1 - (left + right) / width, high / height))
        bottom += plot.height


def _titles(mark: Mark) -> Sequence[str]:
    match mark:
        case Dots(marker=""):
            return [mark.points[0][2]]
        case Dots(points=found) | Bars(spans=found):
            return [title for *_, title in found] if len(found) <= _MOST_TITLED else []
        case Area():
            return [mark.title]
        case Straight():
            return [mark.text]


def _merged(mark: Mark, least: float) -> Mark:
    """Join very many bars where nobody could see that they do not touch."""
    if not isinstance(mark, Bars) or len(mark.spans) <= _MOST_TITLED:
        return mark
    joined: list[Titled] = []
    for begin, end, title in sorted(mark.spans):
        if joined and begin - joined[-1][1] < least:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), "")
        else:
            joined.append((begin, end, title))
    return replace(mark, spans=joined)


def _put(axes: "Axes", mark: Mark) -> "Artist":
    """Add a mark to the axes; returns what has a shape for each of its titles."""
    color = _colors()[mark.color]
    match mark:
        case Dots():
            return _put_dots(axes, mark, color)
        case Area(points=points):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return axes.fill([xs[0], *xs, xs[-1]], [0, *ys, 0], color=color, linewidth=0)[0]
        case Bars(lane=lane, opacity=opacity):
            spans = [(begin, end - begin) for begin, end, _ in mark.spans]
            high, where = (
                ((0.0, 1.0), axes.get_xaxis_transform())
                if lane is None
                else ((lane - 0.36, 0.72), axes.transData)
            )
            return axes.broken_barh(spans, high, transform=where, color=color, alpha=opacity, linewidth=0)
        case Straight(slope=slope, line=line):
            label = readable(mark.text) or None
            return axes.axline(
                (0, mark.at), slope=slope, color=color, linestyle=line, linewidth=1.4, label=label
            )


def _put_dots(axes: "Axes", dots: Dots, color: str) -> "Artist":
    xs, ys = [x for x, _, _ in dots.points], [y for _, y, _ in dots.points]
    if not dots.marker:
        label = readable(dots.text) or None
        return axes.plot(xs, ys, dots.line, color=color, linewidth=1.6, label=label)[0]
    if dots.hollow:
        return axes.scatter(
            xs, ys, 26, _colors()["panel"], marker=dots.marker, edgecolors=color, linewidths=1.3
        )
    return axes.scatter(xs, ys, 26, color, marker=dots.marker, alpha=0.8, linewidths=0)


def _write_labels(axes: "Axes", plot: Plot, width: int) -> None:
    """Write the labels above the plot, each moved to the right as far as the one before needs, with a line to its place."""
    low, high = plot.x_range
    step = _LABEL_WIDTH / width * (high - low)
    above, at = axes.get_xaxis_transform(), low - step
    for x, text in plot.labels:
        at = max(x, at + step)
        if at <= high:
            axes.plot(
                [x, at], [1, 1.03], transform=above, color=_colors()["soft"], linewidth=0.8, clip_on=False
            )
            shown = readable(text)[:_LONGEST_LABEL]
            axes.text(at, 1.05, shown, transform=above, rotation=_LABEL_ANGLE, rotation_mode="anchor")
