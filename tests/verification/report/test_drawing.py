"""Drawings: the same for everybody, in the page's colors, and harmless."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from fakes.drawings import seen
from voicegate.report.drawing import Area, Bars, Dots, Plot, Straight, draw

HOSTILE = '</title><script>alert("$x$")</script> & \x1b[31m \ud83d $\\frac$ _'
STYLE = Path(__file__).parents[3] / "reports" / "templates" / "style.css"
PLOT = Plot(
    (
        Bars([(0, 1, "a phase"), (1, 3, "another")], "soft", 0.1),
        Area([(0, 1), (1, 3), (3, 2)], "host", "memory"),
        Straight(2.5, "fail", "limit"),
        Dots([(0, 1, "first"), (2, 2, "second")], "main", "growth", line="-", marker=""),
        Dots([(0, 1, "one"), (1, 3, "two"), (3, 2, "three")]),
        Dots([(2, 2, "hollow")], "said", hollow=True, marker="D"),
        Bars([(0, 2, "a call")], "soft", lane=1),
    ),
    100,
    (0, 3),
    (0, 4),
    "{:.0f} s".format,
    "{:.0f} MB".format,
    labels=((0, "begin"), (0.01, "soon"), (0.02, "later"), (2.99, "end")),
)


def test_the_same_data_makes_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever settings of matplotlib there are in the process, which are left as they were."""
    first = draw("A", [PLOT], 384)
    monkeypatch.setitem(mpl.rcParams, "font.size", 40)
    assert draw("A", [PLOT], 384) == first
    assert mpl.rcParams["font.size"] == 40


def test_everything_says_what_it_is() -> None:
    """Each point, bar, area and line has its title, and the whole a description."""
    svg = draw("A", [PLOT], 384)
    assert sorted(seen(svg).titles) == sorted(
        ["a phase", "another", "memory", "limit", "first", "one", "two", "three", "hollow", "a call"]
    )
    assert {"limit", "growth", "0 s", "3 s", "2 MB"} <= seen(svg).texts.keys()
    assert 'role="img" aria-label="A: limit, growth"' in svg


def test_colors_follow_the_theme() -> None:
    """Each is a variable that both themes of the style sheet have; nothing is styled in a way that a page's policy may forbid."""
    light, dark = STYLE.read_text("utf-8").split("@media screen and (prefers-color-scheme: dark)")[:2]
    svg = draw("A", [PLOT], 384)
    assert "style" not in svg
    assert not re.search(r'(fill|stroke)="#', svg)
    used = set(re.findall(r"var\(--([a-z]+),#[0-9a-f]{6}\)", svg))
    assert used >= {"soft", "rule", "host", "fail", "main", "ink", "said", "panel"}
    assert all(f"--{name}: " in theme for name in used for theme in (light, dark))


def test_hostile_texts_stay_text() -> None:
    """In titles, in the key, above the plot and in the description; also what no XML may contain, and what looks like a formula."""
    marks = (Straight(2, "fail", HOSTILE), Dots([(1, 1, HOSTILE)]))
    svg = draw(HOSTILE, [replace(PLOT, marks=marks, labels=((1, HOSTILE),))], 384)
    assert len(seen(svg).titled('<script>alert("$x$")</script>')) == 2
    assert {element.tag for element in ET.fromstring(svg).iter()} <= {
        "svg", "g", "defs", "path", "use", "text", "title"
    }  # fmt: skip
    svg.encode("utf-8")


def test_labels_above_do_not_overlap() -> None:
    """Those that begin too soon after one another are moved to the right."""
    texts = seen(draw("A", [PLOT], 384)).texts
    places = [texts[label][0] for label in ("begin", "soon", "later", "end")]
    assert all(right - left > 15 for left, right in pairwise(places))


def test_two_drawings_on_a_page_share_no_names() -> None:
    """What one refers to is its own."""
    one, other = (set(re.findall(r' id="([^"]+)"', draw(title, [PLOT], 384))) for title in "AB")
    assert one
    assert not one & other


def test_very_many_shapes_are_drawn_without_titles_and_once() -> None:
    """Bars that nobody could tell apart become one, and so do dots in one place."""
    bars = Bars([(x / 1000, (x + 0.5) / 1000, "bar") for x in range(1000)], "said", lane=0)
    dots = Dots([(0.5, 0.5, "dot")] * 1000)
    svg = draw("many", [Plot([bars, dots], 100, (0, 1), (0, 1), str)], 384)
    assert seen(svg).titles == []
    assert str(svg).count("<path") < 10
    assert str(svg).count("<use") < 10
