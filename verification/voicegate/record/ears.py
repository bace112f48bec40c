"""What the gate's recognizer can write: a real Whisper model any word, a small one the words of its list alone.

A model that is given other words writes some of its own in their place, so that a good reply looks like a bad one.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from voicegate.record.packaged_ears import packaged_ears

MICRO_MODEL = Path(__file__).with_name("recognizer_model").resolve()
_BEGINS_WORD = "Ġ"
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|\d+(?:[.,:]\d+)*")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Ears:
    """A recognizer's name for reports, and all words that it can write; None if it can spell any word."""

    name: str
    words: frozenset[str] | None = None

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """List the words of a text that it cannot write, each once. A number of several digits is one: nobody knows how it is read out."""
        if self.words is None:
            return ()
        found = dict.fromkeys(_WORD.findall(text))
        return tuple(word for word in found if _as_written(word) not in self.words)


def ears_of(folder: Path) -> Ears:
    """Say what the model in this folder can write. One whose list of words cannot be read is taken to know any."""
    if folder == packaged_ears():
        return Ears("Whisper base")
    tokens = _vocabulary(folder)
    if not tokens or tokens.issuperset(ascii_lowercase):
        return Ears(str(folder))
    words = frozenset(
        word for token in tokens if token.startswith(_BEGINS_WORD) and (word := token[1:]).isalpha()
    )
    if not words:
        return Ears(str(folder))
    name = "the gate's own micro model" if folder.resolve() == MICRO_MODEL else str(folder)
    return Ears(f"{name}, which knows {len(words)} words", words)


def _as_written(word: str) -> str:
    if len(word) == 1 and word in "0123456789":
        return _DIGITS[int(word)]
    return re.sub(r"['’ʼ]", "", word).casefold()


def _vocabulary(folder: Path) -> frozenset[str]:
    """Read the tokens beside a CTranslate2 model: a list in JSON, or one a line."""
    try:
        text = (folder / "vocabulary.json").read_text(encoding="utf-8")
        return frozenset(str(token) for token in json.loads(text))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError):
        return frozenset()
    try:
        return frozenset((folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n"))
    except (OSError, ValueError):
        return frozenset()
