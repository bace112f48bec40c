"""Reports in Markdown: what an agent said or logged does nothing on GitHub or GitLab."""

import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from voicegate.report.contents import Cell, Column, Note, Report, Table
from voicegate.report.document import Document
from voicegate.report.markdown import MOST_BYTES, markdown_of, markdown_text

HOSTILE = (
    "@everyone",
    "mail bob@example.com (@alice), \\@carol",
    "see https://evil.example/x?a=1&b=2 or www.evil.example.",
    "<img src=x onerror=alert(1)> <b>bold</b> <!-- gone -->",
    "&#64;everyone &lt;b&gt; &amp",
    "#123 !45 %6 ~bug GH-7 owner/repo#8 $9 ~{x} %\"two words\"",
    "0123456789abcdef0123456789abcdef01234567",
    ":tada: $x^2$ ~~gone~~ **bold** _slanted_",
    "[x](https://evil.example) ![y](http://evil.example) [^1] [ ] [z]: /evil",
    "a|b ||| @|name http://a|@b`c\\|d\\",
    "`code` `@x` ``@a`b`` ```",
    "# heading",
    "1. first",
    "12) second",
    "- item",
    "+ item",
    "> quote",
    "---",
    "===",
    "two\nlines\r\n# and a heading\n\n| a | b |\n|---|---|",
    "ends in a backslash \\",
)  # fmt: skip
MEANS_SOMETHING = re.compile(r"@\w|https?:|www\.|(?<!\w)[#!%~$&]\w|\w#\d|GH-\d|[0-9a-f]{7,}|:\w+:")
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def inline(text: str) -> list[Token]:
    """Read Markdown and list what stands in its lines."""
    return [child for token in PARSER.parse(text) for child in token.children or ()]


def flat(text: str) -> str:
    """Write a text in one line."""
    return " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "- {}", "## {}", "| {} | b |\n|---|---|", "**C5 FAIL**: {}"])
def test_a_text_stays_what_it_is(text: str, around: str) -> None:
    """Wherever it stands, it comes back whole, and only as text and code."""
    found = inline(around.format(markdown_text(text)))
    if around.startswith("**"):
        found = found[[token.type for token in found].index("strong_close") + 1 :]
    if around.startswith("|"):
        found.pop()
    assert {token.type for token in found} <= {"text", "code_inline"}
    said = "".join(token.content for token in found)
    assert said.removeprefix(": ") == flat(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_names_or_links_is_code(text: str) -> None:
    """Both hosts look for mentions, links and references in text, also behind a backslash, and never in code."""
    said = [token.content for token in inline(markdown_text(text)) if token.type == "text"]
    assert [part for part in said if MEANS_SOMETHING.search(part)] == []


@pytest.mark.parametrize(
    "text",
    ["4.9 % of the disk", "< 100.0 MB", "C5-extra-connection", "100 % & more", "+5 MB", "T00:17:53+00:00"],
)
def test_plain_words_are_no_code(text: str) -> None:
    """What can be read without it is left alone."""
    assert "`" not in markdown_text(text)


def test_a_sign_before_a_number_begins_no_list() -> None:
    """Margins stay readable in the source."""
    assert (markdown_text("+5 MB"), markdown_text("+ 5"), markdown_text("1.5 s")) == (
        "+5 MB",
        "\\+ 5",
        "1.5 s",
    )


def test_cells_stay_in_their_cell() -> None:
    """Line ends and signs with a meaning do not break a table."""
    assert markdown_text("a|b\n<c> `d`") == "a\\|b \\<c\\> \\`d\\`"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_whole_report_of_hostile_texts_is_only_text(text: str) -> None:
    """In the headline, in every cell, in notes and lines of evidence."""
    columns: tuple[Column[str], ...] = (
        Column(text, str),
        Column(text, lambda item: Cell(item, "fail", small=item), "outcome"),
        Column(text, str, "number"),
    )
    table = Table(text, columns, [text], note=text)
    note = Note(text, text, "fail", (text, text), text)
    report = Report(Document(), "x.json", "fail", flat(text), text, (table, table), (note,), (text,))
    tokens = PARSER.parse(markdown_of(report))
    kinds = {token.type.removesuffix("_open") for token in tokens if token.nesting >= 0}
    allowed = {
        "heading",
        "paragraph",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "bullet_list",
        "list_item",
    }
    assert kinds - {"inline"} == allowed
    within = {child.type for token in tokens for child in token.children or ()}
    assert within <= {"text", "code_inline", "strong_open", "strong_close", "em_open", "em_close"}
    assert [token.type for token in tokens].count("td_open") == 6


def test_a_summary_fits_a_comment() -> None:
    """However much there is to tell: whole lines, and a word about the rest."""
    column: Column[str] = Column("text", lambda one: one)
    tables = tuple(Table(f"table {n}", (column,), ["é" * 500] * 100) for n in range(3))
    made = markdown_of(Report(Document(), "x.json", "fail", "FAIL: all", "about", tables))
    assert 40_000 < len(made.encode()) <= MOST_BYTES
    assert made.endswith("*Cut here: the whole is in the report.*\n")
    assert all(line.endswith("|") for line in made.splitlines() if line.startswith("|"))
    short = markdown_of(Report(Document(), "x.json", "fail", "FAIL: all", "word " * 100_000, ()))
    assert len(short) < 1000
    assert "Cut here" not in short
