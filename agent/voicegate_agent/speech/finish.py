"""Whether what a caller said so far is finished, by its words: how long a silence must be depends on that."""

import re
from enum import Enum, auto


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SPELLED = _words(
    "zero oh one two three four five six seven eight nine null eins zwei zwo drei vier fünf sechs sieben acht neun"
)
_GO_ON = _words(
    "a an the my your our his her their and or but because if than of to at for from with is are was were am "
    "it's i'm i i'd i'll we we'd you'd want need um uh er hmm "
    "der die das den dem des ein eine einen einem einer mein meine meinen meinem meiner ihr ihre unser und oder aber "
    "weil wenn dass von vom zu zum zur im auf für mit bei über ist sind war ich wir möchte brauche äh ähm"
)
_NAMED = _words("code number pin id nummer")
_ASKS = _words(
    "what which where when who how why is are can could do does was wie wo wann wer welche welcher warum"
)
_DONE = ("please", "thanks", "thank you", "goodbye", "bye", "bitte", "danke", "tschüss", "wiederhören")
_DONE_LEAST_WORDS = 2
_QUESTION_LEAST_WORDS = 3
_BACKCHANNELS = _words("mm mhm mmhm hm hmm uh huh um er ah aha äh")
_MOST_BACKCHANNEL_WORDS = 2
_STOPS = _words("stop stopp no nein wait warte halt moment yes ja hey hello hallo help hilfe okay")
_SHORT_S = 0.35  # a recognizer that knows few words hears one of them in a hum

_WORD = re.compile(r"\d|[^\W\d_]+(?:'[^\W\d_]+)?")


class Finish(Enum):
    """What the words of a turn say of its end."""

    FINISHED = auto()
    UNSURE = auto()
    UNFINISHED = auto()


def finish_of(text: str, code_digits: int) -> Finish:
    """Judge a transcript in English or German; `code_digits` is how many digits a spelled code has, 0 if any number.

    A sentence that ends in an article or in "my code is", a comma, and a code that lacks digits go on. A complete code,
    "please", "thank you" and a question are finished. Whisper leaves the full stop off where it expects more.
    """
    said = text.strip().lower()
    words = _WORD.findall(said.replace("’", "'"))
    if not words or said.endswith((",", "…", "...", "-")):
        return Finish.UNFINISHED
    if spelled := _spelled_last(words):
        return Finish.FINISHED if 0 < code_digits <= spelled else Finish.UNFINISHED
    if words[-1] in _GO_ON or (words[-1] in _NAMED and words[0] not in _ASKS):
        return Finish.UNFINISHED
    polite = len(words) >= _DONE_LEAST_WORDS and " ".join(words).endswith(_DONE)
    asked = len(words) >= _QUESTION_LEAST_WORDS and said.endswith("?")
    if polite or asked:
        return Finish.FINISHED
    writes_stops = text.strip()[0].isupper() and len(words) > 1
    return Finish.UNFINISHED if writes_stops and said[-1] not in ".!?" else Finish.UNSURE


def only_listens(text: str, speech_s: float) -> bool:
    """Whether somebody only shows over a reply that they listen: "mm-hmm", or a sound too short for words but "stop" and the like."""
    words = _WORD.findall(text.lower())
    if not words or (speech_s < _SHORT_S and not _STOPS.issuperset(words)):
        return True
    return len(words) <= _MOST_BACKCHANNEL_WORDS and _BACKCHANNELS.issuperset(words)


def _spelled_last(words: list[str]) -> int:
    """Count the digits and letters that the words end in."""
    count = 0
    for word in reversed(words):
        if not (word in _SPELLED or (len(word) == 1 and word not in ("a", "i"))):
            break
        count += 1
    return count
