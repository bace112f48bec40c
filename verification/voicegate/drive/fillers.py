"""What an agent says to pass the time until it knows the answer: "One moment please." is no reply."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


def split_fillers(text: str | None, fillers: Sequence[str]) -> tuple[str, str]:
    """Split what an agent said into the fillers that it begins with, and the rest; case and punctuation do not matter."""
    rest, said = text or "", ""
    phrases = [_words(filler) for filler in fillers]
    while found := next(
        (phrase for phrase in phrases if phrase and _words(rest)[: len(phrase)] == phrase), None
    ):
        end = list(_WORD.finditer(rest))[len(found) - 1].end()
        end += len(rest[end:]) - len(rest[end:].lstrip(" .,;:!?…"))
        said, rest = said + rest[:end], rest[end:]
    return said.strip(), rest


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
