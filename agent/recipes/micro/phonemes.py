"""Words as phonemes, by espeak-ng: the second, easier target that gets training started.

A connectionist temporal classification (CTC) loss on phonemes teaches the encoder to listen long
before the decoder's cross-entropy would.
"""

import subprocess
from functools import cache

from recipes.micro.vocabulary import WORDS

BLANK = 0


@cache
def lexicon() -> dict[str, tuple[int, ...]]:
    """Phoneme numbers (from 1; 0 is the CTC blank) of every word."""
    spelled = {word: _phonemes(word) for word in WORDS}
    symbols = sorted({symbol for symbols in spelled.values() for symbol in symbols})
    number = {symbol: n for n, symbol in enumerate(symbols, start=BLANK + 1)}
    return {word: tuple(number[s] for s in symbols) for word, symbols in spelled.items()}


def phoneme_count() -> int:
    """How many different numbers a CTC output needs, the blank included."""
    return 1 + max(number for numbers in lexicon().values() for number in numbers)


def phonemes(text: str) -> list[int]:
    """Translate a text of known words into phoneme numbers."""
    return [number for word in text.split() for number in lexicon()[word]]


def _phonemes(word: str) -> list[str]:
    command = ["espeak-ng", "-q", "-v", "en-us", "-x", "--sep=_", word]
    spelled = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    unstressed = spelled.strip().replace("'", "").replace(",", "").replace(" ", "_")
    return [symbol for symbol in unstressed.split("_") if symbol]
