"""Text that repeats itself, as that of a Whisper model does that has lost the thread: found, and cut.

Words are counted, and in scripts without spaces characters.
"""

import re
import zlib

LONGEST_PHRASE_WORDS = 50
"""A sentence of 21 words was written twice for 5 s of speech; in 15 s nobody says many more than 50."""
LONGEST_WORD_CHARACTERS = 3
PHRASES_IN_A_ROW = 3
WORDS_IN_A_ROW = 8
"""How often in a row is a loop: people say a phrase twice, and a code may have many equal digits, or two in turns."""

_DIGITS = {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
_CHARACTERS = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts without spaces: Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese."""
_CHARACTER = re.compile(f"[{_CHARACTERS}]")
_PIECE = re.compile(rf"[{_CHARACTERS}][^\w\s]*\s*|[^\s{_CHARACTERS}]+\s*")


def compression_ratio(text: str) -> float:
    """Say how many times smaller a text is when it is compressed, as Whisper does to find repetition."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def is_repeated(text: str) -> bool:
    """Whether a phrase, more than a word, comes twice in a row: not a loop yet, but worth hearing again."""
    words = [_word(piece) for piece in _pieces(text)]
    return any(
        _times(words, start, size) >= 2 and not _is_a_word(words[start : start + size])
        for size in _sizes(words)
        for start in range(len(words))
    )


def without_loops(text: str) -> str:
    """Leave the last of each phrase that comes three times or more in a row, and of each word, or phrase of digits, that comes eight times."""
    pieces = _pieces(text)
    words = [_word(piece) for piece in pieces]
    for size in _sizes(words):
        start = 0
        while start < len(words):
            times = _times(words, start, size)
            if times >= _least(words[start : start + size]):
                del words[start : start + size * (times - 1)]
                del pieces[start : start + size * (times - 1)]
            start += 1
    return "".join(pieces).strip()


def _least(phrase: list[str]) -> int:
    """How often a phrase must come in a row to be a loop."""
    code = all(word.isnumeric() or word in _DIGITS for word in phrase)
    return WORDS_IN_A_ROW if code or _is_a_word(phrase) else PHRASES_IN_A_ROW


def _is_a_word(phrase: list[str]) -> bool:
    """Whether it is one word, or so few characters that it may be one."""
    characters = len(phrase) <= LONGEST_WORD_CHARACTERS and all(_CHARACTER.match(word) for word in phrase)
    return len(phrase) == 1 or characters


def _pieces(text: str) -> list[str]:
    """Split a text where spaces are, and into characters where none are; each piece keeps the space behind it."""
    return _PIECE.findall(" ".join(text.split()))


def _word(piece: str) -> str:
    """Give a piece without case and punctuation."""
    return re.sub(r"\W", "", piece.lower())


def _sizes(words: list[str]) -> range:
    return range(1, min(LONGEST_PHRASE_WORDS, len(words) // 2) + 1)


def _times(words: list[str], start: int, size: int) -> int:
    """Count how often the phrase that begins here comes in a row; equal words are no phrase, but a row themselves."""
    phrase = words[start : start + size]
    if size > 1 and len(set(phrase)) == 1:
        return 1
    times = 1
    while words[start + size * times : start + size * (times + 1)] == phrase and len(phrase) == size:
        times += 1
    return times
