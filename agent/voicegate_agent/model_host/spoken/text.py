"""From a text to what a voice says: no marks, no signs that are read wrongly, and nothing that a phonemizer trips over.

espeak-ng already says numbers, percentages and many signs in the language of the voice; only what it says as no person
would is put in words here. The text that a caller sees stays as it was written.
"""

import re
import unicodedata
from collections.abc import Mapping

from voicegate_agent.model_host.spoken import english, german
from voicegate_agent.model_host.spoken.markdown import plain_text
from voicegate_agent.model_host.spoken.rules import Rule, addresses, codes, plain_rules, substitute

_JOINERS = "\u200c\u200d"  # Persian and Indic letters need them
_LEFT_OUT = frozenset({"Cf", "Cn", "Co", "Cs"})

_SAME: tuple[Rule, ...] = plain_rules({"−": "-", "[‐‑]": "-", "’": "'"})
_PICTURES: tuple[Rule, ...] = plain_rules(
    {
        r"[\U0001F000-\U0001FBFF\u2600-\u27BF\u2B00-\u2BFF\uFE00-\uFE0F\u20E3]\u200D?": " ",
        "[™®©]": "",
        "[\u2190-\u21ff•·]": ", ",
    }
)
_MARKS: tuple[Rule, ...] = plain_rules(
    {
        # Piper reads what stands between "[[" and "]]" as phonemes.
        r"[\[\]{}\\|<>`^]": " ",
        r"(?:^|(?<=\s))[*_#~]+|[*_~]+(?=\s|$)|\*{2,}|_": " ",
        r"\s+": " ",
        r" (?=[,;:.!?…])": "",
        r",(?=[,;:.!?…])|^[\s,;:]+": "",
    }
)
_TAG = re.compile(r"</?[a-z][a-z\d-]*(?:\s[^<>]*)?/?>")
_OTHER_LANGUAGES: tuple[Rule, ...] = (*addresses(None), *codes())
_RULES: Mapping[str, tuple[Rule, ...]] = {"en": english.RULES, "de": german.RULES}


def spoken_text(text: str, language: str) -> str:
    """Say what a voice of this language (`en-us`, `de`, `fr`, …) is given for a text, on one line; empty for no words."""
    rules = _RULES.get(language.lower().replace("_", "-").partition("-")[0], _OTHER_LANGUAGES)
    plain = substitute(_PICTURES, plain_text(_TAG.sub(" ", _clean(text))))
    return substitute(_MARKS, substitute(rules, plain)).strip()


def _clean(text: str) -> str:
    """Leave out halves of characters, and what has no sound: controls, marks of direction, unassigned characters."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return substitute(_SAME, "".join(map(_visible, whole)))


def _visible(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if character in "\n\t\r" or character in _JOINERS:
        return character
    category = unicodedata.category(character)
    if category in _LEFT_OUT:
        return ""
    return " " if category[0] in "CZ" else character
