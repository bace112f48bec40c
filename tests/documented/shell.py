"""Cutting the shell lines of a page into commands, as a shell would."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

ELLIPSIS = "…"
"""Stands for words of the reader's own."""

SUBSTITUTED = "SUBSTITUTED"
"""Takes the place of what `$(…)` would print."""

_SUBSTITUTION = re.compile(r"\$\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_ASSIGNMENT = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)", re.DOTALL)
_BETWEEN = {"&&", "||", ";", "&", "|"}


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its program and arguments, and the variables set before it."""

    words: tuple[str, ...]
    variables: tuple[str, ...] = ()


def commands_in(text: str) -> Iterator[tuple[int, Command]]:
    """Give each command with its line's number, from 0; comments are left out, and `$(…)` gives its own command too."""
    joined = re.sub(r"\\\n", lambda _: "\\\0", text)  # keeps the count of lines
    number = 0
    for line in joined.splitlines():
        for command in _of_line(line.replace("\\\0", " ")):
            yield number, command
        number += 1 + line.count("\0")


def _of_line(line: str) -> Iterator[Command]:
    for inner in _SUBSTITUTION.findall(line):
        yield from _of_line(inner)
    words = shlex.shlex(_SUBSTITUTION.sub(SUBSTITUTED, line), posix=True, punctuation_chars=True)
    words.whitespace_split = True
    part: list[str] = []
    for word in (*words, ";"):
        if word not in _BETWEEN:
            part.append(word)
        elif part:
            yield _command(part)
            part = []


def _command(words: list[str]) -> Command:
    variables = []
    while words and (found := _ASSIGNMENT.fullmatch(words[0])):
        variables.append(found[1])
        words = words[1:]
    if words[:1] == ["export"]:
        variables += [word.partition("=")[0] for word in words[1:]]
        words = []
    return Command(tuple(word for word in words if word != ELLIPSIS), tuple(variables))
