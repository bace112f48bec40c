"""Speech as words: written forms folded together, and how far two texts are apart.

Digits are folded to words in English only. In other languages number words are compared as they are: digits with digits.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

ENGLISH = "en"
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBER_WORDS = {ENGLISH: {str(number): word for number, word in enumerate(_DIGITS)}}
_TOKEN = re.compile(r"[^\W\d_]+|\d")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


@lru_cache(maxsize=10_000)  # the same texts are looked at by every criterion
def words(text: str | None, language: str = ENGLISH) -> tuple[str, ...]:
    """Fold a text to lowercase words: no punctuation, digits one by one, in English as words. None has no words."""
    if text is None:
        return ()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    number_words = _NUMBER_WORDS.get(language, {})
    return tuple(number_words.get(token, token) for token in _TOKEN.findall(folded))


def contains(text: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the words of `part` occur in `text` next to each other and in order."""
    size = len(part)
    return size > 0 and any(
        tuple(text[start : start + size]) == tuple(part) for start in range(len(text) - size + 1)
    )


def by_words(codes: Iterable[str], language: str = ENGLISH) -> dict[tuple[str, ...], str]:
    """Key codes by how they are spoken."""
    return {words(code, language): code for code in codes}


def codes_in(
    texts: Iterable[str | None], codes: Mapping[tuple[str, ...], str], language: str = ENGLISH
) -> set[str]:
    """Find which codes, keyed by their words, are spoken in any of these texts."""
    lengths = {len(code) for code in codes}
    spoken = (words(text, language) for text in texts)
    runs = {run for text in spoken for length in lengths for run in _runs(text, length)}
    return {codes[run] for run in runs if run in codes}


def _runs(text: tuple[str, ...], length: int) -> Iterable[tuple[str, ...]]:
    """Walk over all runs of `length` words that stand next to each other."""
    return (text[start : start + length] for start in range(len(text) - length + 1))


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


def word_errors(expected: str | None, observed: str | None, language: str = ENGLISH) -> WordErrors:
    """Compare two texts word by word, as they are spoken."""
    reference, hypothesis = words(expected, language), words(observed, language)
    if reference == hypothesis:
        return WordErrors(0, len(reference))
    if not reference:
        return WordErrors(len(hypothesis), 0)
    import jiwer  # noqa: PLC0415 - every command comes by this module, and hardly any has words to compare

    counted = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    return WordErrors(counted.substitutions + counted.deletions + counted.insertions, len(reference))
