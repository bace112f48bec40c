"""The colors of the pages, light and dark, against WCAG 2.2 AA: 4.5 to 1 for text (1.4.3), 3 to 1 for what has to be seen (1.4.11)."""

import re
from itertools import product

import pytest
from sample_report import ROOT

STYLE = (ROOT / "reports" / "templates" / "style.css").read_text("utf-8")
GROUNDS = ("ground", "panel")
TEXTS = ("ink", "soft", "pass", "fail", "error", "main", "alone", "said", "heard")
"""Colors of words, on either ground: of the keys of charts as well."""
LABELED = ("ink", "pass", "fail", "error")
"""Grounds of a status, on which words have the color of the panel."""
SEEN = ("idle", "main", "host", "job", "other", "alone", "said", "heard", "pass", "fail", "error")
"""Colors of bars, dots, areas and lines, each on the panel."""


def _theme(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", text))


_LIGHT, _DARK = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
THEMES = {"light": _theme(_LIGHT), "dark": _theme(_LIGHT) | _theme(_DARK)}


def luminance(color: str) -> float:
    """Compute the relative luminance of a color, as WCAG defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Compute how far two colors stand apart: from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(color: str, share: float, ground: str) -> str:
    """Mix two colors as `color-mix(in srgb, …)` does over a ground."""
    pairs = ((int(one[at : at + 2], 16) for one in (color, ground)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def test_contrast_is_that_of_the_definition() -> None:
    """Black on white, and the grey that is just enough."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), list(product(TEXTS, GROUNDS)))
def test_words_can_be_read(theme: str, text: str, ground: str) -> None:
    """On the page and in its boxes."""
    colors = THEMES[theme]
    assert contrast(colors[text], colors[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", LABELED)
def test_a_status_can_be_read(theme: str, status: str) -> None:
    """PASS, FAIL, ERROR, and NOT RUN on ink."""
    colors = THEMES[theme]
    assert contrast(colors["panel"], colors[status]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("color", SEEN)
def test_what_is_drawn_can_be_seen(theme: str, color: str) -> None:
    """Bars, dots and areas on their box."""
    colors = THEMES[theme]
    assert contrast(colors[color], colors["panel"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_what_was_misheard_can_be_read(theme: str) -> None:
    """Its ground is a third of the color of an error."""
    colors = THEMES[theme]
    assert "mark { background: color-mix(in srgb, var(--error) 30%, transparent)" in STYLE
    assert contrast(colors["ink"], mixed(colors["error"], 0.3, colors["panel"])) >= 4.5


def test_every_color_of_a_word_is_looked_at() -> None:
    """A new one in the style sheet joins these lists."""
    used = set(re.findall(r"(?<![-\w])color: var\(--([a-z]+)\)", STYLE))
    assert used <= {*TEXTS, *GROUNDS, "fit", "verdict"}
    assert set(THEMES["light"]) == {*TEXTS, *GROUNDS, *SEEN, "rule"}
