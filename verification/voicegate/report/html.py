"""A report as one self-contained page: HTML without scripts, and without links to anything but the files beside it.

A policy in the page allows its own style sheet, by its hash, and pictures and sound that it holds itself; nothing else is loaded or run, whatever an
agent says or logs.
"""

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from voicegate.quantity import format_amount, format_bytes, format_quantity, format_signed
from voicegate.report.contents import On, Report

_MOST_LETTERS = 1500


def shortened(text: str) -> str:
    """Cut what nobody says in one breath: a page has room for much, but not for a whole log."""
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"


_FILTERS = {
    "amount": format_amount,
    "bytes": format_bytes,
    "short": shortened,
    "quantity": format_quantity,
    "signed": format_signed,
}


def page_of(report: Report) -> str:
    """Write the page by the report's template of those in `reports/templates`."""
    template = environment().get_template(report.template)
    return template.render(report=report, **report.drawn())


@cache
def environment() -> Environment:
    """Find the templates, each compiled once however many pages are written; a name that is missing in one is an error."""
    found = Environment(
        loader=PackageLoader("voicegate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(_FILTERS)
    style = found.get_template("style.css").render()
    found.globals |= {"PAGE": On.PAGE, "STYLE": Markup(style), "POLICY": _policy(style)}  # noqa: S704 - ours
    return found


def _policy(style: str) -> str:
    """Write the Content-Security-Policy of a page with this style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
