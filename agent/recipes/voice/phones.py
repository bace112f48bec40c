"""The phone classes of the voice, and how espeak-ng writes them.

A class is an IPA symbol as Piper's en-us phonemes spell it; a stressed vowel carries a leading `ˈ`.
`ɫ` is an `l` that no vowel follows. Everything here is data or a pure function of it.
"""

SILENCE = "_"
STRESS = "ˈ"
DARK_L = "ɫ"

VOWELS: dict[str, str] = {
    "iː": "i:",
    "ɪ": "I",
    "eɪ": "eI",
    "ɛ": "E",
    "æ": "a",
    "ɑː": "A:",
    "ɔː": "O:",
    "ɔ": "O",
    "oʊ": "oU",
    "ʊ": "U",
    "uː": "u:",
    "ʌ": "V",
    "ɜː": "3:",
    "aɪ": "aI",
    "aʊ": "aU",
    "ɔɪ": "OI",
    "ɑːɹ": "A@",
    "ɔːɹ": "O@",
    "ɛɹ": "e@",
    "ɪɹ": "i@3",
    "ʊɹ": "U@",
    "iə": "i@",
    "aɪɚ": "aI3",
    "aɪə": "aI@",
    "i": "i",
    "ə": "@",
    "ɐ": "a#",
    "ɚ": "3",
}
"""IPA of each vowel -> espeak-ng's mnemonic."""

UNSTRESSED_ONLY = frozenset({"i", "ə", "ɐ", "ɚ"})
RHOTIC_VOWELS = frozenset({"ɑːɹ", "ɔːɹ", "ɛɹ", "ɪɹ", "ʊɹ", "ɜː", "ɚ", "aɪɚ"})
HIATUS_VOWELS = frozenset({"iː", "eɪ", "aɪ", "ɔɪ", "oʊ", "uː", "aʊ", "ɔː", "ɑː"})
UNSTRESSED_HIATUS_VOWELS = frozenset({"i", "ɪ", "ʊ", "ə", "ɐ"})
"""Vowels that stand directly before another vowel; rhotic ones link with an `ɹ`, the rest do not end a syllable."""

CONSONANTS: dict[str, tuple[str, ...]] = {
    "p": ("p",),
    "b": ("b",),
    "t": ("t", "t2"),
    "d": ("d",),
    "k": ("k",),
    "ɡ": ("g",),
    "tʃ": ("tS",),
    "dʒ": ("dZ",),
    "f": ("f",),
    "v": ("v",),
    "θ": ("T",),
    "ð": ("D",),
    "s": ("s",),
    "z": ("z",),
    "ʃ": ("S",),
    "ʒ": ("Z",),
    "h": ("h",),
    "m": ("m",),
    "n": ("n",),
    "ŋ": ("N",),
    "l": ("l",),
    DARK_L: ("l",),
    "ɹ": ("r", "r-"),
    "w": ("w",),
    "j": ("j",),
    "ɾ": ("t#",),
    "ʔ": ("?",),
    "n̩": ("n-",),
}
"""IPA of each consonant -> espeak-ng's mnemonics, in the order in which to try them."""

STOPS = frozenset({"p", "t", "k", "b", "d", "ɡ", "tʃ", "dʒ", "ʔ"})
VOICELESS = frozenset({"p", "t", "k", "f", "θ", "s", "ʃ", "h", "tʃ", "ʔ"})

SUBSTITUTES: dict[str, str] = {
    "ɫ": "l",
    "l": "ɫ",
    "ɾ": "d",
    "ʔ": "t",
    "n̩": "n",
    "ʒ": "ʃ",
    "ʃ": "ʒ",
    "ð": "d",
    "θ": "f",
    "ŋ": "n",
    "dʒ": "ʒ",
    "tʃ": "ʃ",
    "z": "s",
    "s": "z",
    "v": "f",
    "f": "θ",
    "b": "p",
    "p": "b",
    "d": "t",
    "t": "d",
    "ɡ": "k",
    "k": "ɡ",
    "i": "iː",
    "iː": "i",
    "ɪ": "ə",
    "ə": "ɐ",
    "ɐ": "ə",
    "ɚ": "ɜː",
    "ɜː": "ɚ",
    "ʌ": "ɐ",
    "æ": "ɛ",
    "ɛ": "æ",
    "ɑː": "ʌ",
    "ɔ": "ɔː",
    "ɔː": "ɑː",
    "ʊ": "uː",
    "uː": "ʊ",
    "aɪɚ": "aɪ",
    "aɪə": "aɪ",
    "iə": "iː",
    "ɑːɹ": "ɑː",
    "ɔːɹ": "ɔː",
    "ɛɹ": "ɛ",
    "ɪɹ": "ɪ",
    "ʊɹ": "ʊ",
}
"""The nearest other phone, for a pair of which no diphone exists."""

FOREIGN: dict[str, str] = {
    "ᵻ": "ɪ", "oːɹ": "ɔːɹ", "o": "oʊ", "oː": "oʊ", "e": "ɛ", "eː": "eɪ", "a": "æ", "aː": "ɑː", "u": "uː",
    "ɜ": "ɜː", "ɝ": "ɜː", "ɑ": "ɑː", "ɒ": "ɑː", "y": "iː", "ø": "ɜː", "œ": "ɜː", "ɨ": "ɪ", "ʉ": "uː", "ɯ": "uː",
    "ʏ": "ɪ", "ɤ": "ʌ", "ɘ": "ə", "ɵ": "ʊ", "ʊə": "ʊɹ", "x": "k", "r": "ɹ", "ç": "h", "c": "k", "q": "k", "g": "ɡ",
    "ɬ": "l", "ɲ": "n", "ʋ": "v", "β": "b", "χ": "h", "ʁ": "ɹ", "ɣ": "ɡ", "ʍ": "w", "ħ": "h", "ʎ": "j", "ɦ": "h",
    "ʂ": "ʃ", "ɕ": "ʃ", "ʐ": "ʒ", "ʑ": "ʒ", "ɸ": "f", "ʈ": "t", "ɖ": "d", "ɭ": "l", "ɳ": "n", "ɱ": "m", "ɻ": "ɹ",
    "ɽ": "ɾ", "ʀ": "ɹ", "ɟ": "dʒ", "ɥ": "w", "ʟ": "l",
}  # fmt: skip
"""Phonemes that Piper may send (names, loan words) -> the class that speaks them."""


def phone_classes() -> tuple[str, ...]:
    """Return every class, silence first."""
    stressed = tuple(STRESS + vowel for vowel in VOWELS if vowel not in UNSTRESSED_ONLY)
    return (SILENCE, *CONSONANTS, *VOWELS, *stressed)


def base(phone: str) -> str:
    """Return `phone` without its stress."""
    return phone.removeprefix(STRESS)


def is_vowel(phone: str) -> bool:
    """Tell whether `phone` is a vowel, stressed or not."""
    return base(phone) in VOWELS


def spoken_ipa(phone: str) -> str:
    """Return the IPA that espeak-ng reports when it speaks `phone`."""
    return "l" if phone == DARK_L else base(phone)


def alternatives(phone: str) -> list[tuple[float, str]]:
    """Return (cost, class) for everything that may stand in for `phone`, itself first at cost 0."""
    found = [(0.0, phone)]
    if phone == SILENCE:
        return found
    plain = base(phone)
    if is_vowel(phone):
        found.append((1.0, plain if phone != plain else STRESS + plain))
    if plain in SUBSTITUTES:
        nearest = SUBSTITUTES[plain]
        stress = STRESS if phone != plain else ""
        found.append((2.0, stress + nearest))
        if is_vowel(nearest):
            found.append((3.0, nearest if stress else STRESS + nearest))
    known = set(phone_classes())
    return [(cost, candidate) for cost, candidate in found if candidate in known]
