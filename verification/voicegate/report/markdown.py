"""A report in Markdown, for a CI job's page or a comment; whatever an agent said or logged stays text there."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, TypeVar

from voicegate.report.contents import Column, Note, On, Report, Table

T = TypeVar("T")

_MOST_LINES = 6
_MOST_LETTERS = 600  # of one text
MOST_BYTES = 60_000
"""Of a summary: GitHub takes 64 KiB in a comment and 1 MiB in a job summary, GitLab 1 MB in either."""
_CUT = "*Cut here: the whole is in the report.*"
_MEANS_SOMETHING = re.compile(
    r"@|://|www\."  # mentions, links
    r"|[#!$&%~^][\w\"'{]|\bGH-\d|\b[0-9a-f]{7,40}\b"  # references: #1, !1, ~label, a commit; &lt; and $formula$ too
    r"|(?<!\d):[\w+-]+:",  # emoji, and not a time
    re.IGNORECASE,
)
"""What GitHub or GitLab look for in running text, also behind a backslash; they leave code alone."""
_SIGNS = re.compile(r"([\\`*_\[\]<>&~#$])")
_BEGINS_LIST = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|--))")


def markdown_of(report: Report) -> str:
    """Write the headline, what was done, the tables, and what did not go well."""
    parts = [f"## {markdown_text(line)}" for line in report.headline.splitlines()]
    parts += [markdown_text(one) for one in (*report.about.splitlines(), *report.remarks)]
    tables = report.tables_on(On.MARKDOWN)
    for table in tables:
        parts += [f"### {markdown_text(table.title)}"] if len(tables) > 1 else []
        parts += ["\n".join(_lines(table)), *([markdown_text(table.note)] if table.note else [])]
    parts += ["\n".join(_explain(note)) for note in report.notes]
    return "\n\n".join(_that_fit(parts)) + "\n"


def _that_fit(parts: Sequence[str]) -> Iterator[str]:
    """Give the parts while there is room, the last one by whole lines."""
    left = MOST_BYTES - len(_CUT) - 4
    for part in parts:
        lines = part.split("\n")
        sizes = list(accumulate(len(line.encode()) + 1 for line in lines))
        fitting = [line for line, size in zip(lines, sizes, strict=True) if size <= left]
        left -= sizes[-1] + 1
        if fitting:
            yield "\n".join(fitting)
        if len(fitting) < len(lines):
            yield _CUT
            return


def markdown_text(text: str) -> str:
    """Write a text as one line that means nothing to Markdown, to GitHub or to GitLab, also inside a table's cell.

    A word that would name somebody, link or refer to something becomes code.
    """
    short = text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"
    words = re.sub(r"[^\s|]+", lambda word: _word(word[0]), " ".join(short.split()))
    return _BEGINS_LIST.sub(r"\1\\", words.replace("|", r"\|"))


def _word(word: str) -> str:
    if not _MEANS_SOMETHING.search(word):
        return _SIGNS.sub(r"\\\1", word)
    fence = "`" * (1 + max(map(len, re.findall("`+", word)), default=0))
    room = " " if "`" in word else ""
    return f"{fence}{room}{word}{room}{fence}"


def _lines(table: Table[Any]) -> Iterator[str]:
    columns = table.columns_on(On.MARKDOWN)
    yield f"| {' | '.join(markdown_text(column.name) for column in columns)} |"
    yield f"|{'|'.join('---:' if column.kind == 'number' else '---' for column in columns)}|"
    for item in table.items:
        yield f"| {' | '.join(_cell(column, item) for column in columns)} |"


def _cell(column: Column[T], item: T) -> str:
    cell = column.cell(item)
    text = markdown_text(": ".join(filter(None, (cell.text, cell.small))))
    return f"**{text}**" if column.kind == "outcome" else text


def _explain(note: Note) -> Iterator[str]:
    yield f"**{markdown_text(note.title)}**: {markdown_text(note.text)}".rstrip()
    if note.lines or note.advice:
        yield ""
    yield from (f"- {markdown_text(line)}" for line in note.lines[:_MOST_LINES])
    if note.advice:
        yield f"- *What to do:* {markdown_text(note.advice)}"
