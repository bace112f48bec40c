"""The templates of every page and summary: how they are found, and what they may call."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from voicegate.quantity import format_amount, format_quantity


def templates(*, autoescape: bool, filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """Find the templates of `reports/templates`; all may write quantities and cells, and call `filters`.

    `autoescape` is for HTML; in Markdown the filter `cell` escapes.
    """
    environment = Environment(
        loader=PackageLoader("voicegate.report"),
        autoescape=autoescape,  # noqa: S701 - see above
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    common = {"amount": format_amount, "quantity": format_quantity, "cell": markdown_cell}
    environment.filters |= common | dict(filters)
    return environment


def markdown_cell(text: str) -> str:
    """Keep a text inside one cell of a Markdown table, and its characters from meaning anything."""
    flat = " ".join(text.split())
    for character in "\\`*_[]<>|":
        flat = flat.replace(character, f"\\{character}")
    return flat
