"""Random help-desk sentences over the closed vocabulary, with a part of them held out.

Held out are `HELD_OUT_CODES`, 1,000 of the 10,000 four-digit codes (no number of a training text
contains one, not even a longer number), and `is_held_out` sentences, about 6 % of what the grammar
can say, chosen by a hash of the text. The sentences of `vocabulary` are always trained.
"""

import hashlib
import random
from collections.abc import Callable

from recipes.micro.vocabulary import (
    ACTIONS,
    AGENT_SENTENCES,
    CALLER_SENTENCES,
    CODE_PHRASES,
    DIGITS,
    OBJECTS,
    STATES,
    WORDS,
    spoken,
)

Draw = Callable[[random.Random], str]
"""Something that says one text, drawn at random."""

MAX_WORDS = 18
"""What fits the decoder's training length; `corpus` joins no more than that."""

HELD_OUT_CODES = frozenset(random.Random(7).sample([f"{n:04d}" for n in range(10_000)], 1000))

_LISTED = frozenset(CALLER_SENTENCES) | frozenset(AGENT_SENTENCES)

_TEMPLATES = (
    "{act} {own} {thing}",
    "please {act} {own} {thing}",
    "can you {act} {own} {thing}",
    "can you please {act} {own} {thing}",
    "could you {act} {own} {thing} please",
    "i want {own} {thing} {state}",
    "{act} {own} {thing} please",
    "{act} {own} {thing} {day}",
    "please {act} {own} {thing} {day}",
    "please do not {act} {own} {thing}",
    "i will {act} {own} {thing} {day}",
    "what is {own} {thing}",
    "what is the status of {own} {thing}",
    "what was {own} {thing}",
    "where is {own} {thing}",
    "where is {own} {thing} please",
    "when is {own} {thing}",
    "what time is {own} {thing} {day}",
    "how much is {own} {thing}",
    "{own} {thing} is {state}",
    "{own} {thing} is not {state}",
    "{own} {thing} is {state} now",
    "{own} {thing} was {state}",
    "i want {own} {thing} {day}",
    "{own} {thing} is on its way",
    "{own} {thing} is not working",
    "is {own} {thing} {state}",
    "is {own} {thing} on its way",
    "{own} new {thing} is {state}",
    "i forgot {own} {thing}",
    "i need {own} {thing} {day}",
    "i need a new {thing}",
    "i want a new {thing} please",
    "i need help with {own} {thing}",
    "can you help me with {own} {thing}",
    "i can help you with {own} {thing}",
    "tell me {own} {thing}",
    "tell me {own} {thing} please",
    "send me {own} {thing}",
    "send me {own} {thing} please",
    "thank you {own} {thing} is {state}",
    "hello what is {own} {thing}",
    "hello {own} {thing} is {state}",
    "hello can you {act} {own} {thing}",
    "hello please {act} {own} {thing}",
    "yes {act} {own} {thing}",
    "yes {own} {thing} is {state}",
    "no {own} {thing} is {state}",
    "no do not {act} {own} {thing}",
    "sorry {own} {thing} is {state}",
    "sorry {own} {thing} is not {state}",
    "there is a new {thing}",
    "this is {own} {thing}",
    "is this {own} {thing}",
    "that is not {own} {thing}",
    "wait {digit} minutes please",
    "{own} {thing} and {own2} {thing2}",
    "{own} {thing} {thing2} is {state}",
    "start {own} {thing} now",
    "book a {thing} {day}",
    "open a {thing} please",
    "a human agent will {act} {own} {thing}",
    "what can i do with {own} {thing}",
)
_DAYS = ("today", "tomorrow", "tomorrow morning", "this morning", "now", "later")
_CODE_LENGTHS = {1: 2, 2: 2, 3: 3, 4: 22, 5: 2, 6: 3, 7: 1, 8: 1}
_SALAD_LENGTHS = {1: 2, 2: 2, 3: 3, 4: 4, 5: 4, 6: 3, 7: 2, 8: 1}
_SALAD_WORDS = tuple(word for word in WORDS if word != "its")


def is_held_out(text: str) -> bool:
    """Whether a sentence is kept away from training."""
    if text in _LISTED:
        return False
    return hashlib.sha256(text.encode()).digest()[0] < 16


def grammar_sentence(rng: random.Random) -> str:
    """One sentence of the help-desk grammar, held out or not."""
    return rng.choice(_TEMPLATES).format(
        act=rng.choice(ACTIONS),
        own=rng.choice(("my", "your", "the")),
        own2=rng.choice(("my", "your", "the")),
        thing=rng.choice(OBJECTS),
        thing2=rng.choice(OBJECTS),
        state=rng.choice(STATES),
        day=rng.choice(_DAYS),
        digit=rng.choice(DIGITS[2:]),
    )


def held_out_sentence(rng: random.Random) -> str:
    """One grammar sentence that training never saw."""
    while True:
        text = grammar_sentence(rng)
        if is_held_out(text):
            return text


def training_code(rng: random.Random) -> str:
    """Draw a digit string of 1 to 8 digits, mostly 4, that contains no held-out code."""
    (length,) = rng.choices(list(_CODE_LENGTHS), list(_CODE_LENGTHS.values()))
    while True:
        digits = [rng.choice("0123456789") for _ in range(length)]
        if length > 1 and rng.random() < 0.15:  # doubled digits are the hard ones
            place = rng.randrange(length - 1)
            digits[place + 1] = digits[place]
        code = "".join(digits)
        if not any(code[i : i + 4] in HELD_OUT_CODES for i in range(length)):
            return code


def _code_sentence(rng: random.Random) -> str:
    phrase = rng.choice(CODE_PHRASES) if rng.random() < 0.75 else "{code}"
    return phrase.format(code=spoken(training_code(rng)))


def _word_salad(rng: random.Random) -> str:
    """Words in no order, so that the decoder listens instead of guessing from grammar."""
    (length,) = rng.choices(list(_SALAD_LENGTHS), list(_SALAD_LENGTHS.values()))
    return " ".join(rng.choice(_SALAD_WORDS) for _ in range(length))


def _spliced(rng: random.Random) -> str:
    """Join the end of one sentence and the start of another."""
    first = grammar_sentence(rng).split()
    second = rng.choice(CALLER_SENTENCES + AGENT_SENTENCES).split()
    return " ".join(first[rng.randrange(len(first)) :] + second[: rng.randint(1, len(second))])


_CALLER_MIX: tuple[tuple[float, Draw], ...] = (
    (0.14, lambda rng: rng.choice(CALLER_SENTENCES)),
    (0.04, lambda rng: rng.choice(AGENT_SENTENCES)),
    (0.30, _code_sentence),
    (0.26, grammar_sentence),
    (0.20, _word_salad),
    (0.06, _spliced),
)
_AGENT_MIX: tuple[tuple[float, Draw], ...] = (
    (0.25, lambda rng: rng.choice(AGENT_SENTENCES)),
    (0.05, lambda rng: rng.choice(CALLER_SENTENCES)),
    (0.30, _code_sentence),
    (0.20, grammar_sentence),
    (0.14, _word_salad),
    (0.06, _spliced),
)


def _draw(rng: random.Random, mix: tuple[tuple[float, Draw], ...]) -> str:
    while True:
        (make,) = rng.choices([make for _, make in mix], [weight for weight, _ in mix])
        text = make(rng)
        if not is_held_out(text):
            return text


def caller_sentence(rng: random.Random) -> str:
    """One training text with the mix of things callers say."""
    return _draw(rng, _CALLER_MIX)


def agent_sentence(rng: random.Random) -> str:
    """One training text with the mix of things the agent's voice says."""
    return _draw(rng, _AGENT_MIX)
