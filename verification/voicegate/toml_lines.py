"""Where each key of a TOML text stands, which `tomllib` does not tell."""

import re
import tomllib
from collections.abc import Iterator

KeyPath = tuple[int | str, ...]
"""Names of tables and keys from the outside in, with numbers from 0 for the elements of arrays."""

_BLANK = re.compile(r"(?:[\s,]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")
_STRINGS = (
    r'"""(?:[^\\]|\\.)*?"{3,5}',
    r"'''.*?'{3,5}",
    r'"(?:[^"\\\n]|\\.)*"',
    r"'[^'\n]*'",
)
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_OTHER_VALUE = re.compile(r"[^\n,\]}#]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Find the line, from 1, on which each table, key and array element of a valid TOML text begins."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.lines


class _Scanner:
    """Reads over a text from `_at` on; the text is known to be valid, so nothing is checked."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._newest: dict[KeyPath, int] = {}  # the last element of each array of tables

    def scan(self) -> None:
        table: KeyPath = ()
        while self._next():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> bool:
        """Go to the next thing that is neither space, comma nor comment; say whether there is one."""
        self._skip(_BLANK)
        return self._at < len(self._text)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if found := pattern.match(self._text, self._at):
            self._at = found.end()

    def _header(self) -> KeyPath:
        """Read `[a.b]` or `[[a.b]]`; return the path of the keys that follow."""
        line = self._line()
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        *outer, last = self._keys()
        path: KeyPath = ()
        for name in outer:
            path = (*path, name)
            self.lines.setdefault(path, line)
            if path in self._newest:
                path = (*path, self._newest[path])
        path = (*path, last)
        self.lines.setdefault(path, line)
        self._at = self._text.index("]", self._at) + (2 if is_array else 1)
        if is_array:
            self._newest[path] = self._newest.get(path, -1) + 1
            path = (*path, self._newest[path])
            self.lines[path] = line
        return path

    def _pair(self, table: KeyPath) -> None:
        """Read `a.b = value`."""
        line = self._line()
        path = table
        for name in self._keys():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _keys(self) -> Iterator[str]:
        """Read a dotted key part by part; quotes are taken away."""
        more = "."
        while more and (found := _KEY.match(self._text, self._at)):
            self._at = found.end()
            name, more = found.groups()
            yield tomllib.loads(f"key = {name}")["key"] if name[0] in "\"'" else name

    def _value(self, path: KeyPath) -> None:
        self._next()
        opening = self._text[self._at]
        if opening == "[":
            self._at += 1
            number = 0
            while self._next() and self._text[self._at] != "]":
                self.lines[*path, number] = self._line()
                self._value((*path, number))
                number += 1
            self._at += 1
        elif opening == "{":
            self._at += 1
            while self._next() and self._text[self._at] != "}":
                self._pair(path)
            self._at += 1
        else:
            self._skip(_STRING if opening in "\"'" else _OTHER_VALUE)

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1
