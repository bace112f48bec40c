"""What Markdown says, without the marks: language models write it, and nobody speaks an asterisk."""

from collections.abc import Iterable, Iterator

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
    """Give the text that a reader of the rendered page would read, on one line, with a pause between blocks.

    Numbers of lists are read; targets of links and what is struck out are not.
    """
    blocks = [(text, pause) for text, pause in _blocks(_PARSER.parse(markdown)) if text]
    paused = (text if text[-1] in _PAUSES else text + pause for text, pause in blocks[:-1])
    return " ".join([*paused, *(text for text, _ in blocks[-1:])])


def _blocks(tokens: Iterable[Token]) -> Iterator[tuple[str, str]]:
    """Give each block's text, and the pause behind it."""
    pause = "."
    for token in tokens:
        if token.type == "inline":
            yield _inline(token.children or []).strip(), pause
        elif token.type == "fence":
            yield token.content.strip(), "."
        elif token.type in ("table_open", "table_close"):
            pause = "," if token.nesting == 1 else "."
        elif token.type == "list_item_open":
            yield token.info, ","


def _inline(tokens: Iterable[Token]) -> str:
    parts: list[str] = []
    struck = 0
    for token in tokens:
        struck += {"s_open": 1, "s_close": -1}.get(token.type, 0)
        if struck:
            continue
        if token.type == "hardbreak":
            parts.append(" " if "".join(parts)[-1:] in _PAUSES else ", ")
        elif token.type == "softbreak":
            parts.append(" ")
        else:
            parts.append(token.content)  # an image's is its description
    return "".join(parts)
