"""What a caller expects as a reply: how it is given, and what a clip makes of it."""

from pathlib import Path

import pytest
from voicegate.expected_reply import (
    ANY_REPLY,
    ExpectedReply,
    ReplyPattern,
    ReplyWords,
    described,
    filled,
    read_expected,
)
from voicegate.settings import SettingsError, load_settings


def settings_error(folder: Path, value: str) -> str:
    """Say what is wrong with a gate file that gives this as expected_reply."""
    (folder / "gate.toml").write_text(f"[agent]\nexpected_reply = {value}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(folder / "gate.toml", {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Your code is {code}.", "Your code is {code}."),
        ("", ANY_REPLY),
        ({"pattern": r"code is \d{4}"}, ReplyPattern(r"code is \d{4}")),
        ({"words": ["{code}", "thank you"]}, ReplyWords(("{code}", "thank you"))),
        (ReplyWords(("a",)), ReplyWords(("a",))),
    ],
)
def test_a_reply_is_a_text_a_pattern_or_words(given: object, expected: ExpectedReply) -> None:
    """As TOML and JSON write them."""
    assert read_expected(given) == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("5", 'gate.toml:2: agent.expected_reply: expected a text, { pattern = "..." }'),
        ('{ patern = "a" }', "agent.expected_reply: expected a text"),
        ('{ pattern = "a", words = ["b"] }', "agent.expected_reply: expected a text"),
        ('{ pattern = "(" }', "gate.toml:2: agent.expected_reply.pattern: not a regular expression: "),
        ('{ pattern = "" }', "agent.expected_reply.pattern: an empty one matches everything"),
        ("{ pattern = 5 }", "agent.expected_reply.pattern: expected a regular expression, found 5"),
        ("{ words = [] }", "agent.expected_reply.words: expected a list of texts"),
        ('{ words = ["a", " "] }', "agent.expected_reply.words: expected a list of texts"),
        ('{ words = "a" }', "agent.expected_reply.words: expected a list of texts"),
        ('"code {cod}"', "agent.expected_reply: {cod} stands for nothing; known: {code} and {text}"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, value: str, said: str) -> None:
    """What was found, and what was expected."""
    assert said in settings_error(tmp_path, value)


def test_a_file_that_extends_another_gives_another_form(tmp_path: Path) -> None:
    """It takes the place of the one below, whole."""
    (tmp_path / "base.toml").write_text('[agent]\nexpected_reply = { pattern = "a" }\n', encoding="utf-8")
    (tmp_path / "gate.toml").write_text(
        'extends = "base.toml"\n[agent]\nexpected_reply = { words = ["b"] }\n', encoding="utf-8"
    )
    assert load_settings(tmp_path / "gate.toml", {}).agent.expected_reply == ReplyWords(("b",))


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        ("You said {text}: {code}.", "You said my code (please): 2416."),
        (ReplyPattern("^{code}|{text}$"), ReplyPattern(r"^(?<!\d)2\W*4\W*1\W*6(?!\d)|my\ code\ \(please\)$")),
        (ReplyWords(("{code}", "{text}", "b")), ReplyWords(("2416", "my code (please)", "b"))),
    ],
)
def test_a_clip_fills_in_what_it_says(expected: ExpectedReply, made: ExpectedReply) -> None:
    """In a pattern its text is taken as it is, and its digits may stand apart."""
    assert filled(expected, "2416", "my code (please)") == made


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        ("Your code is {code}.", ANY_REPLY),
        (ReplyPattern("code {code}"), ANY_REPLY),
        (ReplyWords(("{code}",)), ANY_REPLY),
        (ReplyWords(("{code}", "thank you")), ReplyWords(("thank you",))),
        ("Thank you.", "Thank you."),
    ],
)
def test_a_clip_without_a_code_is_not_asked_for_one(expected: ExpectedReply, made: ExpectedReply) -> None:
    """One form serves sentences and codes."""
    assert filled(expected, None, "reset my password") == made


def test_what_was_expected_is_said_in_a_few_words() -> None:
    """For the finding and the page."""
    assert described("Thank you.") == "'Thank you.'"
    assert described(ANY_REPLY) == "any reply"
    assert described(ReplyPattern("a.*b")) == "a reply that matches 'a.*b'"
    assert described(ReplyWords(("a", "b"))) == "a reply with 'a' and 'b'"
