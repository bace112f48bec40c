"""What the micro model can hear and write: its words, and the sentences it must get right.

Words are lowercase, without punctuation. Homophones of a digit ("for", "to", "too", "won") are
left out on purpose: the digit wins. A reply or a test clip is safe when `unknown_words(text)` is
empty.
"""

import re

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

OBJECTS = (
    "account", "address", "balance", "bill", "call", "code", "email", "meeting", "name",
    "network", "number", "order", "package", "password", "printer", "room", "ticket",
)  # fmt: skip
"""Things a caller asks about; each goes with "my", "your" and "the"."""

ACTIONS = (
    "book", "cancel", "change", "check", "close", "open", "pay", "repeat", "reset", "send", "stop",
)  # fmt: skip
"""Verbs that take one of OBJECTS."""

STATES = ("closed", "done", "down", "new", "open", "ready", "reset", "right", "sent", "wrong")
"""What an object can be."""

_OTHER_WORDS = (
    "a", "agent", "an", "and", "are", "back", "can", "could", "day", "do", "forgot", "good",
    "goodbye", "hear", "hello", "help", "how", "human", "i", "is", "it", "its", "later", "me",
    "minutes", "moment", "morning", "much", "my", "need", "no", "not", "now", "of", "on",
    "please", "sorry", "speak", "start", "status", "tell", "thank", "thanks", "that", "the",
    "there", "this", "time", "today", "tomorrow", "very", "wait", "want", "was", "way", "what",
    "when", "where", "will", "with", "working", "yes", "you", "your",
)  # fmt: skip

WORDS = tuple(sorted({*DIGITS, *OBJECTS, *ACTIONS, *STATES, *_OTHER_WORDS}))
"""Every word the model knows, sorted."""

CODE_PHRASES = (
    "my code is {code}",
    "hello my code is {code}",
    "the code is {code}",
    "my order number is {code}",
    "my ticket number is {code}",
    "your code is {code}",
    "your order number is {code}",
    "your ticket number is {code}",
    "the number is {code}",
    "it is {code}",
    "{code}",
)
"""Sentences that carry a spoken code, one word per digit."""

CALLER_SENTENCES = (
    "hello",
    "good morning",
    "yes please",
    "no thank you",
    "thank you",
    "thank you very much",
    "thank you goodbye",
    "goodbye",
    "yes",
    "no",
    "stop",
    "what is the status of my order",
    "where is my package",
    "cancel my order",
    "please cancel my order",
    "reset my password please",
    "i forgot my password",
    "book a meeting room please",
    "book a room please",
    "book a meeting room tomorrow morning",
    "i need help with my account",
    "can you help me",
    "please open a new ticket",
    "close the ticket please",
    "send me an email",
    "send me the bill please",
    "call me back tomorrow morning",
    "i want a human agent please",
    "can i speak with a human agent",
    "my printer is not working",
    "the network is down",
    "what is my balance",
    "how much is my bill",
    "what time is the meeting today",
    "wait a moment please",
    "please repeat that",
    "that is right",
    "that is wrong",
    "the order number is wrong",
)

AGENT_SENTENCES = (
    "hello",
    "hello how can i help you",
    "how can i help you",
    "i can help you with that",
    "what is your code please",
    "what is your order number please",
    "what is your name please",
    "can you repeat that please",
    "could you repeat your code please",
    "sorry could you repeat that please",
    "your order is on its way",
    "your package is on its way",
    "your order is ready",
    "your order is closed",
    "your password is reset",
    "your room is ready",
    "your meeting room is ready",
    "your account is ready",
    "your ticket is done",
    "your ticket is open",
    "your ticket is closed",
    "it is done",
    "the email is sent",
    "your email is sent",
    "your bill is sent",
    "wait a moment please",
    "i will check that now",
    "a human agent will call you back",
    "thank you goodbye",
    "goodbye",
    "sorry i can not help you with that",
    "are you there",
    "can you hear me",
)


def spoken(code: str) -> str:
    """Spell a string of decimal digits as words: "407" becomes "four zero seven"."""
    return " ".join(DIGITS[int(digit)] for digit in code)


def normalized(text: str) -> str:
    """Reduce a text to what the model could write: lowercase words and single spaces.

    Digits become words; punctuation, including apostrophes, disappears.
    """
    with_words = re.sub(r"\d", lambda match: f" {DIGITS[int(match.group())]} ", text.lower())
    return " ".join(re.sub(r"[^a-z\s]", "", with_words.replace("-", " ")).split())


def unknown_words(text: str) -> tuple[str, ...]:
    """List the words of a text that the model cannot write, in order; empty when all are known."""
    return tuple(word for word in normalized(text).split() if word not in WORDS)
