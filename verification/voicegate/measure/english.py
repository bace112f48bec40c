"""English as it is spoken: the written forms of numbers, amounts, times, contractions and spellings become one.

Whisper's own normalizer does most of that. It was made to compare long transcripts, so it takes liberties that a gate cannot: it drops
leading zeros (a code!) and whatever stands in brackets. What it must not see, or does not know, is changed before it reads a text.
"""

import re
from collections.abc import Callable
from functools import cache

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_Change = str | Callable[[re.Match[str]], str]


def _join(found: re.Match[str]) -> str:
    return re.sub(r"[ -]", "", found[0])


def _spell(found: re.Match[str]) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in found[0])


def _repeat(found: re.Match[str]) -> str:
    return found[2] * (2 if found[1] == "double" else 3)


_CHANGES: tuple[tuple[str, _Change], ...] = (
    (r"[’ʼ`]", "'"),
    (r"[()\[\]{}<>]", " "),  # is spoken with what stands in it
    (r"&", " and "),
    (r"(?<=[a-z0-9])@(?=[a-z0-9])", " at "),
    (r"(?<=[a-z0-9])\.(?=(com|org|net|info|io|ai|co|edu|gov|de|uk|eu)\b)", " dot "),
    (r"\be[- ]mail", "email"),
    (r"\bok\b|\bo\.k\.", "okay"),
    (r"\bcannot\b", "can not"),
    # Contractions that recognizers write without an apostrophe; `its` is among them, because nobody hears which one it is.
    (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should|ca|wo)nt\b", r"\1n't"),
    (r"\b(it|that|what|there|here|where|who|how)s\b", r"\1's"),
    (r"\b(i|you|we|they)ve\b", r"\1've"),
    (r"\b(you|they)re\b", r"\1're"),
    (r"\bim\b", "i'm"),
    (r"\b([ap])\.\s?m\b\.?", r"\1m"),
    (r"\b0?(\d{1,2}):00(?!\d)", r"\1"),
    (r"\s*\bo ?'? ?clock\b", ""),
    (r"\ba (?=(hundred|thousand|million|billion)\b)", "one "),
    (r"(?<![\w.])-(?=\d)", "minus "),
    (r"\b(double|triple) (\d)\b", _repeat),
    (r"(?<![\w.,:/$£€])\d(?:[ -]\d)+(?!\w|%|[.,:/]\d)", _join),
    # Of a code its zeros would be lost, and of one that ends in zero the number behind it would be added: "3980. One moment".
    (r"(?<![\w.,$£€])(?:0\d*(?!\w|%|[.:]\d)|\d{4,}(?!\w|%|[.,:]\d))", _spell),
)
_BEFORE = tuple((re.compile(pattern), change) for pattern, change in _CHANGES)
_ROUND = re.compile(r"(?<=\d)\.0+\b")  # "two point oh": of "2.0" only 2 is left


def fold_english(text: str) -> str:
    """Write a lowercase text in one form: `five hundred dollars` as `$500`, `don't` as `do not`, `colour` as `color`."""
    for pattern, change in _BEFORE:
        text = pattern.sub(change, text)
    return _ROUND.sub("", _normalizer()(text))


@cache
def _normalizer() -> Callable[[str], str]:
    from whisper_normalizer.english import EnglishTextNormalizer  # noqa: PLC0415 - every command comes by here

    normalize: Callable[[str], str] = EnglishTextNormalizer()
    return normalize
