"""Reports as pages."""

import base64
import hashlib
import re

import pytest
from jinja2 import UndefinedError
from voicegate.report.contents import Report
from voicegate.report.document import Document
from voicegate.report.html import environment, page_of


def test_quantities_are_written_everywhere() -> None:
    """Values come with their units."""
    template = environment().from_string("{{ 1500 | amount('bytes') }}, {{ 0.5 | quantity('fraction') }}")
    assert template.render() == "1.5 kB, 50.0 %"


def test_texts_are_escaped() -> None:
    """Whatever a template shows."""
    assert environment().from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"


def test_a_name_that_is_missing_is_an_error() -> None:
    """A misspelled value does not leave a hole in a report."""
    with pytest.raises(UndefinedError):
        environment().from_string("{{ verdct }}").render()


def test_a_page_forbids_everything_but_its_style_pictures_and_sound() -> None:
    """The policy names the style sheet by its hash, and comes before it; no element has a style of its own."""
    page = page_of(Report(Document(), "some.json", "pass", "PASS: all", "about", ()))
    policy, style = re.search(
        r'http-equiv="Content-Security-Policy" content="([^"]+)">\n<style>(.*?)</style>', page, re.DOTALL
    ).groups()  # type: ignore[union-attr]
    allowed = dict(one.strip().split(" ", 1) for one in policy.replace("&#39;", "'").split(";"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert allowed.pop("style-src") == f"'sha256-{digest}'"
    assert [allowed.pop(kind) for kind in ("img-src", "media-src")] == ["data:", "data:"]
    assert set(allowed.values()) == {"'none'"}
    assert "default-src" in allowed


@pytest.mark.parametrize("name", ["base.html", "macros.html", "report.html", "profile.html", "trend.html"])
def test_no_template_asks_for_what_the_policy_forbids(name: str) -> None:
    """No style attribute, no script, no handler of an event."""
    source, _, _ = environment().loader.get_source(environment(), name)  # type: ignore[union-attr]
    assert not re.search(r"\sstyle=|<script|\son\w+=|javascript:", source)
