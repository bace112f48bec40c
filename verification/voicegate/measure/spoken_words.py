"""Speech as words: written forms folded together, and how far two texts are apart."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import jiwer

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TOKEN = re.compile(r"[^\W\d_]+|\d")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


def words(text: str | None) -> tuple[str, ...]:
    """Fold a text to lowercase words: no punctuation, digits one by one as words. None has no words."""
    if text is None:
        return ()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    return tuple(
        _DIGITS[int(token)] if token.isdecimal() and token.isascii() else token
        for token in _TOKEN.findall(folded)
    )


def contains(text: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the words of `part` occur in `text` next to each other and in order."""
    size = len(part)
    return size > 0 and any(
        tuple(text[start : start + size]) == tuple(part) for start in range(len(text) - size + 1)
    )


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Words put in, left out or replaced, and the number of words there should have been."""

    errors: int
    expected: int

    @property
    def rate(self) -> float:
        """Word error rate as a fraction; may exceed 1."""
        return self.errors / max(1, self.expected)

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(self.errors + other.errors, self.expected + other.expected)


def word_errors(expected: str | None, observed: str | None) -> WordErrors:
    """Compare two texts word by word, as they are spoken."""
    reference, hypothesis = words(expected), words(observed)
    if not reference:
        return WordErrors(len(hypothesis), 0)
    counted = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    return WordErrors(counted.substitutions + counted.deletions + counted.insertions, len(reference))
