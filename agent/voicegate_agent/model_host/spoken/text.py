"""From a text to what a voice says: no marks, no signs that are read wrongly, and nothing that a phonemizer trips over.

espeak-ng already says numbers, percentages and many signs in the language of the voice; only what it says as no person
would is put in words here. The text that a caller sees stays as it was written.
"""

import re
import unicodedata

from voicegate_agent.model_host.spoken import english, german
from voicegate_agent.model_host.spoken.german_words import MONTHS
from voicegate_agent.model_host.spoken.markdown import plain_text
from voicegate_agent.model_host.spoken.rules import Rule, addresses, any_of, codes, plain_rules, substitute

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
_NO_MARKDOWN: tuple[Rule, ...] = plain_rules(
    {
        r"(?<=\d)\*(?=\d)": "×",
        # "3. Mai" is no third item of a list.
        rf"(?m:^)(\s*\d{{1,2}})\.(?= (?:{any_of(MONTHS)})\b)": r"\1\.",
    }
)
_OTHER_LANGUAGES: tuple[Rule, ...] = (*addresses(None), *codes())


def spoken_text(text: str, language: str) -> str:
    """Say what a voice of this language (`en-us`, `de`, `fr`, …) is given for a text, on one line; empty for no words."""
    markdown = substitute(_NO_MARKDOWN, _TAG.sub(" ", _clean(text)))
    plain = substitute(_PICTURES, plain_text(markdown))
    return substitute(_MARKS, substitute(_rules(language), plain)).strip()


def _rules(language: str) -> tuple[Rule, ...]:
    base, _, variety = language.lower().replace("_", "-").partition("-")
    if base == "en":
        return english.RULES if variety.partition("-")[0] in ("", "us") else english.DAY_FIRST_RULES
    return german.RULES if base == "de" else _OTHER_LANGUAGES


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
