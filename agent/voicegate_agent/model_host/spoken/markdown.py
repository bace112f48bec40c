"""What Markdown says, without the marks: language models write it, and nobody speaks an asterisk."""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = (
    MarkdownIt("commonmark")
    .enable(["table", "strikethrough"])
    # Plain text must stay whole: an indented line is no code, a line under another makes no heading, "[Note]: urgent" is no
    # definition, and "<Enter>" no element.
    .disable(["code", "lheading", "reference", "html_block", "html_inline"])
)
_PAUSES = frozenset(".,;:!?…")


def plain_text(markdown: str) -> str:
    """Give the text that a reader of the rendered page would read, on one line; headings and items end as sentences do.

    Numbers of lists are read, targets of links are not, nor is what is struck out.
    """
    return " ".join(part for part in _blocks(_PARSER.parse(markdown)) if part)


def _blocks(tokens: Iterable[Token]) -> Iterable[str]:
    in_cell = False
    for token in tokens:
        if token.type == "inline":
            yield _with_pause(_inline(token.children or []), "," if in_cell else ".")
        elif token.type in ("fence", "code_block"):
            yield _with_pause(token.content.strip(), ".")
        elif token.type in ("th_open", "td_open"):
            in_cell = True
        elif token.type in ("th_close", "td_close"):
            in_cell = False
        elif token.type == "list_item_open" and token.info:
            yield f"{token.info},"


def _with_pause(text: str, pause: str) -> str:
    """End a block as its kind does, unless it is a sentence already."""
    text = text.strip()
    return text + pause if text and text[-1] not in _PAUSES else text


def _inline(tokens: Iterable[Token]) -> str:
    parts, struck = [], 0
    for token in tokens:
        struck += {"s_open": 1, "s_close": -1}.get(token.type, 0)
        if struck:
            continue
        if token.type == "hardbreak":
            parts.append(", ")
        elif token.type == "softbreak":
            parts.append(" ")
        else:
            parts.append(token.content)  # an image's is its description
    return re.sub(r"(?<=[.,;:!?…]), ", " ", "".join(parts))
