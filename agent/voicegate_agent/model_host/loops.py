"""Text that repeats itself, as that of a Whisper model does that has lost the thread: found, and cut."""

import re
import zlib

LONGEST_PHRASE_WORDS = 20
PHRASES_IN_A_ROW = 3
WORDS_IN_A_ROW = 8
"""How often in a row is a loop: people say a phrase twice, and a code may have many equal digits, or two in turns."""

_DIGITS = {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}


def compression_ratio(text: str) -> float:
    """Say how many times smaller a text is when it is compressed, as Whisper does to find repetition."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def is_repeated(text: str) -> bool:
    """Whether a phrase of two words or more comes twice in a row: not a loop yet, but worth hearing again."""
    words = _words(text)
    return any(_times(words, start, size) >= 2 for size in _sizes(words, 2) for start in range(len(words)))


def without_loops(text: str) -> str:
    """Leave one of each phrase that comes three times or more in a row, and of each word, or phrase of digits, that comes eight times."""
    pieces = text.split()
    words = _words(text)
    for size in _sizes(words, 1):
        start = 0
        while start < len(words):
            times = _times(words, start, size)
            if times >= _least(words[start : start + size]):
                del words[start + size : start + size * times]
                del pieces[start + size : start + size * times]
            start += 1
    return " ".join(pieces)


def _least(phrase: list[str]) -> int:
    """How often a phrase must come in a row to be a loop."""
    code = all(word.isdecimal() or word in _DIGITS for word in phrase)
    return WORDS_IN_A_ROW if len(phrase) == 1 or code else PHRASES_IN_A_ROW


def _words(text: str) -> list[str]:
    """Give the words without case and punctuation, one for each piece between spaces."""
    return [re.sub(r"\W", "", piece.lower()) for piece in text.split()]


def _sizes(words: list[str], smallest: int) -> range:
    return range(smallest, min(LONGEST_PHRASE_WORDS, len(words) // 2) + 1)


def _times(words: list[str], start: int, size: int) -> int:
    """Count how often the phrase that begins here comes in a row; equal words are no phrase, but a row themselves."""
    phrase = words[start : start + size]
    if size > 1 and len(set(phrase)) == 1:
        return 1
    times = 1
    while words[start + size * times : start + size * (times + 1)] == phrase and len(phrase) == size:
        times += 1
    return times
