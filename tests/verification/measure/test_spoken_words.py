"""Speech as words."""

import pytest
from voicegate.measure.spoken_words import by_words, codes_in, contains, word_errors, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("My code is 4719.", ("my", "code", "is", "four", "seven", "one", "nine")),
        ("It’s done", ("its", "done")),
        ("  ", ()),
        (None, ()),
        ("Grüße, ＡＢ", ("grüsse", "ab")),
    ],
)
def test_folding(text: str | None, folded: tuple[str, ...]) -> None:
    """Case, punctuation, digits and Unicode forms do not matter."""
    assert words(text) == folded


@pytest.mark.parametrize(
    ("expected", "observed", "errors"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a c", 1),
        ("a b c", "a x c", 1),
        ("a b c", "a b c d", 1),
        ("a b c", None, 3),
        ("a b c", "", 3),
        ("", "a b", 2),
    ],
)
def test_word_errors(expected: str, observed: str | None, errors: int) -> None:
    """Words left out, put in and replaced count one each."""
    assert word_errors(expected, observed).errors == errors


def test_rate_over_several_texts_weighs_words() -> None:
    """Errors add up over texts, so that long texts weigh more than short ones."""
    assert (word_errors("a b c d e f g h i", "a b c d e f g h i") + word_errors("a", "b")).rate == 0.1


def test_contains_needs_the_words_in_order() -> None:
    """A code is there only as consecutive words."""
    assert contains(words("it is 4719 today"), words("4719"))
    assert not contains(words("4 7 and 1 9"), words("4719"))
    assert not contains(words("anything"), ())


def test_number_words_are_folded_in_english_only() -> None:
    """Elsewhere digits are compared with digits, one by one."""
    assert words("Mein Code ist 47 19.", "de") == ("mein", "code", "ist", "4", "7", "1", "9")
    assert word_errors("Code 12", "code 1 2", "de").errors == 0
    assert word_errors("Code 12", "code one two", "de").errors == 2


def test_codes_are_found_in_any_text() -> None:
    """Written or spoken; a code inside a longer number too."""
    codes = by_words(("4719", "2345", "9999"))
    assert codes_in(("it is 4719", None, "one two three four five"), codes) == {"4719", "2345"}
    assert codes_in(("4719",), {}) == set()
    assert codes_in(("47 19",), by_words(("4719",), "de"), "de") == {"4719"}
