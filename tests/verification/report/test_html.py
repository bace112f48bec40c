"""Reports as pages."""

import pytest
from jinja2 import UndefinedError
from voicegate.report.html import environment


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
