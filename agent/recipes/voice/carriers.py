"""Which diphones the voice has, and the pseudo-words in which espeak-ng speaks each of them.

No word list is needed: a carrier is a string of phones with the wanted pair in the middle, far enough from
the end of the phrase to be free of its lengthening.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from recipes.voice.phones import (
    CONSONANTS,
    DARK_L,
    HIATUS_VOWELS,
    SILENCE,
    STRESS,
    UNSTRESSED_HIATUS_VOWELS,
    VOWELS,
    base,
    is_vowel,
    phone_classes,
    spoken_ipa,
)

Pair = tuple[str, str]

_WORD_GAP = " "
_TAIL = (_WORD_GAP, "d", "ˈɑː", "d", "ə")  # takes the phrase's main stress
_NEVER_FIRST_IN_CLUSTER = frozenset({"w", "j", "h", "ɹ", "l", "ɾ", "ʔ"})
_NEVER_SECOND_IN_CLUSTER = frozenset({"ɾ", "ŋ", "ʔ", DARK_L})
_NEVER_INITIAL = frozenset({"ŋ", "ɾ", "n̩", DARK_L, "ʔ"})
_NEVER_FINAL = frozenset({"h", "w", "j", "ɹ", "l", "ɾ"})
_NEVER_BEFORE_VOWEL = frozenset({DARK_L})
_RARELY_UNSTRESSED = frozenset({"iə", "aɪɚ", "aɪə", "ɔɪ", "ʊɹ", "ɪɹ", "aʊ", "ɜː"})


@dataclass(frozen=True, slots=True)
class Carrier:
    """One way to speak a pair.

    `written` are phones and word gaps; `position` is the index of the pair's first phone in `phones`.
    """

    written: tuple[str, ...]
    position: int

    @property
    def phones(self) -> tuple[str, ...]:
        """Return the phones, silence at both ends."""
        return (SILENCE, *(p for p in self.written if p != _WORD_GAP), SILENCE)

    @property
    def ipa(self) -> str:
        """Return what espeak-ng reports when it speaks the carrier as written."""
        return "".join(spoken_ipa(phone) for phone in self.phones)

    def spellings(self) -> Iterator[str]:
        """Yield the carrier in espeak-ng's mnemonics, one string per way to write its consonants."""
        choices = [_mnemonics(p) for p in self.written]
        seen = set()
        for rank in range(max(len(c) for c in choices)):
            text = "|".join(c[min(rank, len(c) - 1)] for c in choices)  # a bar keeps aI and @ from being aI@
            if text not in seen:
                seen.add(text)
                yield text


def wanted_pairs() -> list[Pair]:
    """Return every diphone of the voice, the least needed last: a voice that grows too big stops early."""
    vowels = [p for p in phone_classes() if is_vowel(p)]
    before_vowel = [c for c in CONSONANTS if c not in _NEVER_BEFORE_VOWEL]
    after_vowel = [c for c in CONSONANTS if c != "n̩"]
    pairs: list[Pair] = [(SILENCE, p) for p in (*CONSONANTS, *vowels) if p not in _NEVER_INITIAL]
    pairs += [(p, SILENCE) for p in (*CONSONANTS, *vowels) if p not in _NEVER_FINAL]
    pairs += product(before_vowel, vowels)
    pairs += product(vowels, after_vowel)
    pairs += _clusters()
    pairs += product((v for v in vowels if base(v) in HIATUS_VOWELS or v in UNSTRESSED_HIATUS_VOWELS), vowels)
    return sorted(pairs, key=_rarity)


def _clusters() -> list[Pair]:
    first = [c for c in CONSONANTS if c not in _NEVER_FIRST_IN_CLUSTER]
    second = [c for c in CONSONANTS if c not in _NEVER_SECOND_IN_CLUSTER]
    return [*product(first, second), ("h", "j"), ("ʔ", "n̩")]


def _rarity(pair: Pair) -> int:
    """Return 0 for what every text needs, more for what another diphone can stand in for."""
    left, right = pair
    if is_vowel(left) and is_vowel(right):
        stresses = [p.startswith(STRESS) for p in pair]
        return 4 if all(stresses) else 3 if stresses[1] else 2 if stresses[0] else 0
    return 1 if left in _RARELY_UNSTRESSED or right in _RARELY_UNSTRESSED else 0


def carriers(pair: Pair) -> Iterator[Carrier]:
    """Yield carriers for `pair`, the most natural first."""
    left, right = pair
    for before in _contexts_before(left, right):
        for gap in _gaps(left, right):
            for after in _contexts_after(left, right):
                written = tuple(p for p in (*before, left, *gap, right, *after) if p != SILENCE)
                spoken_before = sum(p != _WORD_GAP for p in before)
                yield Carrier(written, 0 if left == SILENCE else 1 + spoken_before)


def _contexts_before(left: str, right: str) -> list[tuple[str, ...]]:
    if left == SILENCE:
        return [()]
    if is_vowel(left):
        return [("d", "ə", "d")]
    if left == "n̩":
        return [("d", "ˈɑː", "d")]
    if right == SILENCE:
        return [("d", "ə", "d", "ˈɑː")]
    if left == DARK_L:
        return [("d", "ə", "d", "ˈɛ")]
    return [("d", "ə", "n", _WORD_GAP), ("d", "ə"), ("d", "ə", "d", "ˈɛ"), ("d", "ə", "d", "ˈɛ", _WORD_GAP)]


def _contexts_after(left: str, right: str) -> list[tuple[str, ...]]:
    if right == SILENCE:
        return [()]
    if is_vowel(right):
        return [("d", "ə", *_TAIL)] if left != SILENCE else [("d", *_TAIL), ("d", "ə", *_TAIL)]
    before_consonant, before_vowel = ("n", "ə", *_TAIL), ("ˈɑː", "d", "ə", *_TAIL)
    if right in ("n̩", DARK_L):
        return [(_WORD_GAP, *before_consonant), before_consonant]
    if right == "ɾ":
        return [("ə", *_TAIL), ("i", *_TAIL)]
    if right in ("l", "ɹ", "w", "j", "h") or left in CONSONANTS or left == SILENCE:
        return [before_vowel, ("ə", "d", "ə", *_TAIL)]
    return [(_WORD_GAP, *before_consonant), before_consonant, before_vowel]


def _gaps(left: str, right: str) -> list[tuple[str, ...]]:
    if SILENCE in (left, right):
        return [()]
    if left in CONSONANTS and right in CONSONANTS and right != "n̩":
        return [(_WORD_GAP,), ()]
    if left in CONSONANTS:
        return [()]
    return [(), (_WORD_GAP,)]


def _mnemonics(phone: str) -> tuple[str, ...]:
    if phone == _WORD_GAP:
        return (_WORD_GAP,)
    if is_vowel(phone):
        return (("'" if phone.startswith(STRESS) else "") + VOWELS[base(phone)],)
    return CONSONANTS[phone]
