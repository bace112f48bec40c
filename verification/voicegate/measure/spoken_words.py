"""Speech as words: written forms folded together, and how far two texts are apart.

A number is its digits, however it is written or spoken: no text tells whether `2416` was read digit by digit. English is folded
furthest; of other languages number words are, where a library knows them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from voicegate.measure.english import fold_english

ENGLISH = "en"
_NUMBERS_KNOWN_IN = ("da", "de", "es", "fr", "it", "nl", "pt")
_SPOKEN_SIGNS = {"de": {"€": " euro ", "%": " prozent "}}
_NO_SPACES = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Thai, Kana and Han put no spaces between words: each character counts as one."""

_TOKEN = re.compile(rf"[{_NO_SPACES}]|[^\W\d_{_NO_SPACES}]+|\d")
_ENGLISH_TOKEN = re.compile(r"[^\W\d_]+|\d|[$£€¢%]|[-+](?=\d)")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


@lru_cache(maxsize=10_000)  # the same texts are looked at by every criterion
def words(text: str | None, language: str = ENGLISH) -> tuple[str, ...]:
    """Fold a text to lowercase words: no punctuation, numbers digit by digit, other forms as far as the language allows.

    None has no words. `um` and the like are none either, unless they are all there is.
    """
    if text is None:
        return ()
    plain = unicodedata.normalize("NFKC", text).lower()
    if language == ENGLISH:
        found = tuple(_ENGLISH_TOKEN.findall(fold_english(plain)))
        return tuple("1" if word == "one" else word for word in found) or _tokens(plain)
    for sign, word in _SPOKEN_SIGNS.get(language, {}).items():
        plain = plain.replace(sign, word)
    return _tokens(_with_digits(plain, language))


def as_written(text: str | None) -> tuple[str, ...]:
    """Give the words of a text without folding them, in lowercase, digits one by one."""
    return _tokens(unicodedata.normalize("NFKC", text or ""))


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text.casefold().translate(_APOSTROPHES)))


def _with_digits(text: str, language: str) -> str:
    """Write number words as digits."""
    if language not in _NUMBERS_KNOWN_IN:
        return text
    from text_to_num import alpha2digit  # noqa: PLC0415 - every command comes by this module

    written: str = alpha2digit(text, language, threshold=0)
    return written


def contains(text: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the words of `part` occur in `text` next to each other and in order."""
    size = len(part)
    return size > 0 and any(
        tuple(text[start : start + size]) == tuple(part) for start in range(len(text) - size + 1)
    )


def errors_in(text: Sequence[str], part: Sequence[str]) -> int:
    """Count the words that are put in, left out or replaced of `part` where it is most alike in `text`."""
    least = list(range(len(part) + 1))
    best = least[-1]
    for word in text:
        before, least = least, [0]
        for at, wanted in enumerate(part):
            least.append(min(before[at] + (word != wanted), before[at + 1] + 1, least[at] + 1))
        best = min(best, least[-1])
    return best


def by_words(codes: Iterable[str], language: str = ENGLISH) -> dict[tuple[str, ...], str]:
    """Key codes by how they are spoken."""
    return {words(code, language): code for code in codes}


def codes_in(
    texts: Iterable[str | None], codes: Mapping[tuple[str, ...], str], language: str = ENGLISH
) -> set[str]:
    """Find which codes, keyed by their words, are spoken in any of these texts."""
    lengths = {len(code) for code in codes}
    spoken = (words(text, language) for text in texts)
    runs = {
        text[at : at + length]
        for text in spoken
        for length in lengths
        for at in range(len(text) - length + 1)
    }
    return {codes[run] for run in runs if run in codes}


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
