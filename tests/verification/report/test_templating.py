"""What all templates may call."""

import pytest
from jinja2 import UndefinedError
from voicegate.report.templating import markdown_cell, templates


def test_markdown_cells_stay_in_their_cell() -> None:
    """Line ends and signs with a meaning do not break a table."""
    assert markdown_cell("a|b\n<c> `d`") == "a\\|b \\<c\\> \\`d\\`"


def test_quantities_are_written_everywhere() -> None:
    """Filters of one's own come beside those that all have."""
    environment = templates(autoescape=False, filters={"twice": lambda text: 2 * text})
    template = environment.from_string("{{ 1500 | amount('bytes') }} {{ 'a' | twice }} {{ 'a|b' | cell }}")
    assert template.render() == "1.5 kB aa a\\|b"


def test_a_name_that_is_missing_is_an_error() -> None:
    """A misspelled value does not leave a hole in a report."""
    with pytest.raises(UndefinedError):
        templates(autoescape=True, filters={}).from_string("{{ verdct }}").render()
