"""What a caller expects as a reply: a whole text, a pattern to be found in it, or words that must occur in it.

`{code}` and `{text}` stand for the code and the text of the clip that is said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from voicegate.gate_file import KeyProblem

_CODE, _TEXT = "{code}", "{text}"
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")
_FORMS = 'a text, { pattern = "..." } or { words = ["..."] }'


@dataclass(frozen=True, slots=True)
class ReplyPattern:
    """A regular expression that must be found somewhere in a reply, in capitals or not."""

    pattern: str


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """Texts each of which must occur in a reply, in any order, compared as spoken."""

    words: tuple[str, ...]


ExpectedReply = str | ReplyPattern | ReplyWords
"""A text is the whole reply, compared as spoken; an empty one takes any reply."""

ANY_REPLY = ""


def described(expected: ExpectedReply) -> str:
    """Say it in a few words, to follow `expected`."""
    match expected:
        case ReplyPattern(pattern):
            return f"a reply that matches {pattern!r}"
        case ReplyWords(words):
            return f"a reply with {' and '.join(map(repr, words))}"
        case _:
            return repr(expected) if expected else "any reply"


def filled(expected: ExpectedReply, code: str | None, text: str) -> ExpectedReply:
    """Put in what a clip says. What asks for the code asks nothing of a clip without one."""
    if code is None and any(_CODE in part for part in _parts(expected)):
        words = expected.words if isinstance(expected, ReplyWords) else ()
        kept = tuple(one for one in words if _CODE not in one)
        return filled(ReplyWords(kept), code, text) if kept else ANY_REPLY
    match expected:
        case ReplyPattern(pattern):
            digits = r"(?<!\d)" + r"\W*".join(code or "") + r"(?!\d)"
            return ReplyPattern(pattern.replace(_CODE, digits).replace(_TEXT, re.escape(text)))
        case ReplyWords(words):
            return ReplyWords(tuple(one.replace(_CODE, code or "").replace(_TEXT, text) for one in words))
        case _:
            return expected.replace(_CODE, code or "").replace(_TEXT, text)


def read_expected(value: object) -> ExpectedReply:
    """Read what a gate file or a list of clips says. Raises ValueError, and KeyProblem where it is about one key."""
    has_one_key = isinstance(value, Mapping) and len(value) == 1
    match value:
        case ReplyPattern() | ReplyWords():
            return value
        case str():
            found: ExpectedReply = value
        case {"pattern": str() as pattern} if has_one_key:
            found = _pattern(pattern)
        case {"words": [*words]} if has_one_key and words and all(_is_text(one) for one in words):
            found = ReplyWords(tuple(words))
        case Mapping() if has_one_key and (key := str(next(iter(value)))) in ("pattern", "words"):
            wanted = "a regular expression" if key == "pattern" else "a list of texts, none of them empty"
            raise KeyProblem(key, f"expected {wanted}, found {value[key]!r}")
        case _:
            raise ValueError(f"expected {_FORMS}, found {value!r}")
    for part in _parts(found):
        if unknown := set(_PLACEHOLDER.findall(part)) - {_CODE, _TEXT}:
            raise ValueError(f"{', '.join(sorted(unknown))} stands for nothing; known: {_CODE} and {_TEXT}")
    return found


_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        *(
            {"type": "object", "properties": {key: kind}, "required": [key], "additionalProperties": False}
            for key, kind in (
                ("pattern", {"type": "string", "minLength": 1, "format": "regex"}),
                ("words", {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}),
            )
        ),
    ]
}

GivenReply = Annotated[ExpectedReply, PlainValidator(read_expected), WithJsonSchema(_SCHEMA)]
"""The type of a key that gives an expected reply."""


def _pattern(pattern: str) -> ReplyPattern:
    if not pattern:
        raise KeyProblem("pattern", 'an empty one matches everything; expected_reply = "" takes any reply')
    try:
        re.compile(pattern.replace(_CODE, "0").replace(_TEXT, "a"))
    except re.error as error:
        raise KeyProblem("pattern", f"not a regular expression: {error}") from error
    return ReplyPattern(pattern)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _parts(expected: ExpectedReply) -> tuple[str, ...]:
    match expected:
        case ReplyPattern(pattern):
            return (pattern,)
        case ReplyWords(words):
            return words
        case _:
            return (expected,)
