"""What the clips say and which reply each should get."""

import random
from dataclasses import dataclass
from itertools import cycle, islice

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CODE_COUNT = 56

CODE_PHRASES = ("my code is {code}", "hello my code is {code}")
CODE_REPLY = "your code is {code}"

SENTENCES = (
    ("what is the status of my order", "your order is on its way"),
    ("reset my password please", "your password is reset"),
    ("book a room please", "your room is ready"),
    ("i need help with my account", "i can help you with that"),
    ("please open a new ticket", "your ticket is open"),
    ("send me an email", "the email is sent"),
    ("thank you goodbye", "thank you goodbye"),
    ("hello", "hello how can i help you"),
)

FRAGILE_CODES = frozenset(
    (
        "0248",
        "0384",
        "1734",
        "2150",
        "2683",
        "3671",
        "3901",
        "4057",
        "4078",
        "4706",
        "4981",
        "5729",
        "5960",
        "6302",
        "6543",
        "7184",
        "8246",
        "8760",
    )
)
"""Codes that are not shipped: the micro model was least sure of them in noise, or doubled or lost a digit in a call; or Whisper base misheard them."""

_SEED = 20
_EASILY_CONFUSED = str.maketrans({"9": "5"})  # "five" and "nine" share their vowel


@dataclass(frozen=True, slots=True)
class ClipText:
    """One thing to say; `code` as digits."""

    name: str
    text: str
    code: str | None
    expected_reply: str


def spoken(code: str) -> str:
    """Return "one two three four" for "1234"."""
    return " ".join(DIGITS[int(digit)] for digit in code)


def codes(count: int = CODE_COUNT) -> tuple[str, ...]:
    """Return codes of four different digits; any two differ in two places, five and nine counted as equal."""
    chosen: list[str] = []
    draw = random.Random(_SEED)
    while len(chosen) < count:
        code = "".join(draw.sample("0123456789", 4))
        if all(_distance(code, other) >= 2 for other in chosen):
            chosen.append(code)
    return tuple(chosen)


def lines() -> tuple[ClipText, ...]:
    """Return every line: the codes first, then the sentences."""
    phrases = islice(cycle(CODE_PHRASES), CODE_COUNT)
    coded = tuple(
        ClipText(
            f"code-{code}",
            phrase.format(code=spoken(code)),
            code,
            CODE_REPLY.format(code=spoken(code)),
        )
        for code, phrase in zip(codes(), phrases, strict=True)
    )
    return coded + tuple(ClipText(text.replace(" ", "-"), text, None, reply) for text, reply in SENTENCES)


def _distance(code: str, other: str) -> int:
    pairs = zip(code.translate(_EASILY_CONFUSED), other.translate(_EASILY_CONFUSED), strict=True)
    return sum(a != b for a, b in pairs)
