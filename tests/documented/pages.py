"""What stands in the pages of docs/ and in the READMEs that somebody could copy: fenced blocks, and commands inside sentences."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / folder / "README.md" for folder in (".", "verification", "agent", "reports")),
    *sorted((ROOT / "docs").rglob("*.md")),
)

_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_NAMED_BEFORE = re.compile(r"`([\w./-]+)`[^`\n]*:\n\n$")
_NAMED_WITHIN = re.compile(r"# ([\w.-]+\.toml)\n")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of a page, and the line of its first words."""

    page: Path
    line: int
    language: str
    text: str
    name: str | None
    """The file that the page says this is: by a first line such as `# gate.toml`, or by the sentence before the block."""

    @property
    def place(self) -> str:
        """Say where it stands, as an editor would find it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Span:
    """Code inside a sentence."""

    page: Path
    line: int
    text: str

    @property
    def place(self) -> str:
        """Say where it stands, as an editor would find it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """List the fenced blocks of a page. Raises ValueError for a fence that nobody closes."""
    text = page.read_text(encoding="utf-8")
    blocks = [_block(page, text, found) for found in _BLOCK.finditer(text)]
    if len(re.findall(r"^ *(?:```|~~~)", text, re.MULTILINE)) != 2 * len(blocks):
        raise ValueError(f"{page}: a fence is not closed, or not written as ```LANGUAGE")
    return blocks


def spans_of(page: Path) -> list[Span]:
    """List the code inside sentences of a page; a table's escaped `|` is one. Raises ValueError for code that is cut by the end of a line."""
    text = page.read_text(encoding="utf-8")
    prose = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    for number, line in enumerate(prose.splitlines(), start=1):
        if line.count("`") % 2:
            raise ValueError(f"{page}:{number}: code goes on in the next line, where nothing checks it")
    return [
        Span(page, number, found.replace(r"\|", "|"))
        for number, line in enumerate(prose.splitlines(), start=1)
        for found in _SPAN.findall(line)
    ]


def _block(page: Path, text: str, found: re.Match[str]) -> Block:
    inside = "".join(line.removeprefix(found["indent"]) for line in found["text"].splitlines(keepends=True))
    named = _NAMED_WITHIN.match(inside) or _NAMED_BEFORE.search(text[: found.start()])
    line = text.count("\n", 0, found.start("text")) + 1
    return Block(page, line, found["language"], inside, named[1] if named else None)
