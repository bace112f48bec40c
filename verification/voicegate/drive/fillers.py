"""What an agent says to pass the time until it knows the answer: "One moment please." is no reply."""

import re
from collections.abc import Sequence

from voicegate.expected_reply import ExpectedReply

_WORD = re.compile(r"\w+")
_BETWEEN = " .,;:!?…"


def split_fillers(text: str | None, fillers: Sequence[str]) -> tuple[str, str]:
    """Split what an agent said into the fillers that it begins with, and the rest; case and punctuation do not matter.

    Of fillers that begin alike the longest one counts.
    """
    rest, said = text or "", ""
    phrases = sorted(filter(None, map(_words, fillers)), key=len, reverse=True)
    while found := next((phrase for phrase in phrases if _words(rest)[: len(phrase)] == phrase), None):
        end = list(_WORD.finditer(rest))[len(found) - 1].end()
        end += len(rest[end:]) - len(rest[end:].lstrip(_BETWEEN))
        said, rest = said + rest[:end], rest[end:]
    return said.strip(), rest


def fillers_before(expected: ExpectedReply, fillers: Sequence[str]) -> Sequence[str]:
    """Say which fillers may come before a reply: none where a filler is all that is expected."""
    is_one = isinstance(expected, str) and bool(expected) and not split_fillers(expected, fillers)[1]
    return () if is_one else fillers


def without_fillers(
    text: str | None, expected: ExpectedReply, fillers: Sequence[str], passed: str = ""
) -> tuple[str | None, ExpectedReply]:
    """Return what was said after the fillers that were `passed`, and what is expected of that.

    A filler that was said in one go with the answer is a part of both; one that only the expected text has is none.
    """
    if text is None:
        return None, expected
    said = text
    if passed:
        said = said[len(passed) :] if said.startswith(passed) else split_fillers(said, fillers)[1]
        said = said.lstrip(_BETWEEN)
    if expected and isinstance(expected, str):
        parts = (split_fillers(said, fillers)[0], split_fillers(expected, fillers)[1])
        expected = " ".join(filter(None, parts))
    return said or None, expected


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
