"""What a report shows, whichever command made it: the terminal, the Markdown summary and the page are written from this."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, Generic, Literal, TypeVar

from voicegate.exit_codes import Outcome
from voicegate.report.document import Document
from voicegate.report.verdict import StatusName

T = TypeVar("T")


class On(Flag):
    """Where something is shown. A narrow terminal has no room for words beside the numbers."""

    NARROW = auto()
    WIDE = auto()
    MARKDOWN = auto()
    PAGE = auto()
    TEXT = NARROW | WIDE | MARKDOWN
    ROOMY = WIDE | MARKDOWN | PAGE
    EVERYWHERE = TEXT | PAGE


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, in the color of a status if it has one. `small` says more on page and in Markdown; `figure` is a strip of dots."""

    text: str
    status: StatusName | None = None
    small: str = ""
    href: str = ""
    figure: Any = None


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """What is shown of each item: a name, text that wraps, a number, an outcome in words, or a mark of few letters."""

    name: str
    shows: Callable[[T], Cell | str]
    kind: Literal["name", "text", "number", "outcome", "mark"] = "text"
    on: On = On.EVERYWHERE
    hint: str = ""  # on the page, for those who point at its name

    def cell(self, item: T) -> Cell:
        """Make the cell of an item."""
        shown = self.shows(item)
        return shown if isinstance(shown, Cell) else Cell(shown)


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """Items in rows, under a title, with a note below. On the page an item can be linked to by its `id`, and has a text `below`."""

    title: str
    columns: tuple[Column[T], ...]
    items: Sequence[T]
    note: str = ""
    on: On = On.EVERYWHERE
    id: Callable[[T], str] = lambda _: ""
    below: Callable[[T], str] = lambda _: ""

    def columns_on(self, on: On) -> list[Column[T]]:
        """List the columns that are shown there; none if the table is not."""
        return [one for one in self.columns if one.on & on] if self.items and self.on & on else []


@dataclass(frozen=True, slots=True)
class Note:
    """Something that did not go well, and why; on the page it stands beside what it is about."""

    title: str
    text: str
    status: StatusName
    lines: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A number worth showing large on the page, with a note in small print."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: its data and their file, how it came out (None: nothing was judged), and what is shown of it.

    The headline says the whole in one line, or one for each answer; `about` what was done; `remarks` what else there is
    to say in a sentence. The page also has facts, the template's own figures, which `drawn` makes, links to the files
    `beside` it, and a `footnote`.
    """

    document: Document
    file: str
    outcome: Outcome | None
    headline: str
    about: str
    tables: tuple[Table[Any], ...]
    notes: tuple[Note, ...] = ()
    remarks: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    template: str = "base.html"
    drawn: Callable[[], Mapping[str, Any]] = dict
    beside: tuple[str, ...] = ()
    footnote: str = ""

    def tables_on(self, on: On) -> list[Table[Any]]:
        """List the tables that are shown there."""
        return [table for table in self.tables if table.columns_on(on)]
