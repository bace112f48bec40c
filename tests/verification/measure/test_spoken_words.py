"""Speech as words."""

import pytest
from voicegate.measure.spoken_words import by_words, codes_in, contains, errors_in, word_errors, words

CODE = ("2", "4", "1", "6")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("My code is 4719.", ("my", "code", "is", "4", "7", "1", "9")),
        ("It’s done", ("it", "is", "done")),
        ("  ", ()),
        (None, ()),
        ("Grüße, ＡＢ", ("grusse", "ab")),
        ("Um, yes.", ("yes",)),
        ("Hmm.", ("hmm",)),
        ("(press one) [now]", ("press", "1", "now")),
    ],
)
def test_folding(text: str | None, folded: tuple[str, ...]) -> None:
    """Case, punctuation, digits and Unicode forms do not matter; hesitation does not, unless it is all there is."""
    assert words(text) == folded


@pytest.mark.parametrize(
    ("text", "language", "wrong"), [("你好，世界", "zh", "你好世间"), ("すみません", "ja", "すみませぬ")]
)
def test_a_writing_without_spaces_is_compared_by_its_characters(text: str, language: str, wrong: str) -> None:
    """One wrong character is one wrong word, not a wrong sentence."""
    errors = word_errors(text, wrong, language)
    assert errors.errors == 1
    assert errors.expected == len(text.replace("，", ""))


@pytest.mark.parametrize(
    "text",
    [
        "2416",
        "2,416",
        "2 4 1 6",
        "24 16",
        "2-4-1-6",
        "two four one six",
        "Two, four, one, six.",
        "two-four-one-six",
        "twenty-four sixteen",
        "two thousand four hundred sixteen",
        "two thousand four hundred and sixteen",
    ],
)
def test_a_code_is_its_digits_however_it_is_written_or_spoken(text: str) -> None:
    """A recognizer may write "2416" for any of them, so that no text tells how it was read."""
    assert words(text) == CODE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code is 3980. One moment, please.", "3980"),
        ("5960. First, let me check", "5960"),
        ("2150, two one five zero", "2150"),
        ("it is 0,481", "0481"),
    ],
)
def test_a_number_word_behind_a_code_is_not_added_to_it(text: str, code: str) -> None:
    """Nor does a code lose its zero."""
    assert contains(words(text), words(code))


@pytest.mark.parametrize("text", ["2 for 1 6", "two for one six", "24", "2 4 6 1", "to four one six"])
def test_what_is_not_the_code_is_not_taken_for_it(text: str) -> None:
    """A word that sounds like a digit is a word."""
    assert not contains(words(text), CODE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0481", "oh four eight one"),
        ("0 4 8 1", "o four eight one"),
        ("0 four 8 one", "zero four eight one"),
        ("0001", "triple zero one"),
        ("triple 4 3", "4443"),
        ("1148", "double one four eight"),
        ("double 1 4 8", "1148"),
        (
            "call 0800 123 4567",
            "call zero eight hundred 123 4567".replace("eight hundred", "eight zero zero"),
        ),
        ("$500", "five hundred dollars"),
        ("$5.50", "five dollars and fifty cents"),
        ("$5.50", "five dollars fifty"),
        ("$5.00", "five dollars"),
        ("$0.50", "fifty cents"),
        ("€3,000", "three thousand euros"),
        ("$1.5 million", "one point five million dollars"),
        ("1,240", "one thousand two hundred and forty"),
        ("100", "a hundred"),
        ("version 2.0", "version two point oh"),
        ("3.14", "three point one four"),
        ("-5 degrees", "minus five degrees"),
        ("20%", "twenty percent"),
        ("8:00", "eight o'clock"),
        ("at 8:00 a.m.", "at eight am"),
        ("08:30", "eight thirty"),
        ("10:05 PM", "ten oh five p.m."),
        ("2026", "twenty twenty six"),
        ("the 2nd floor", "the second floor"),
        ("don't", "do not"),
        ("dont", "do not"),
        ("I can't", "I cannot"),
        ("it's on its way", "its on it's way"),
        ("I’m sure you’re right", "im sure you are right"),
        ("colour", "color"),
        ("Mr. Smith & Dr. Jones", "mister smith and doctor jones"),
        ("OK, e-mail us", "okay email us"),
        ("help@example.com", "help at example dot com"),
    ],
)
def test_written_forms_of_the_same_speech_are_one(one: str, other: str) -> None:
    """A free reply is written in one form and heard in another."""
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0481", "481"),
        ("5 dollars", "5 euros"),
        ("8:30", "8:13"),
        ("your order is late", "your order is late (by 2 days)"),
        ("20%", "20"),
        ("10 6", "16"),
        ("is ready", "isn't ready"),
    ],
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    """Folding must not hide a wrong amount, a lost zero or a no."""
    assert words(one) != words(other)


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


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("your code is 1 2 3 4 now", 0),
        ("1 2 4", 1),
        ("1 2 5 4", 1),
        ("1 2 3 3 4", 1),
        ("3 4 1 2", 2),
        ("", 4),
    ],
)
def test_errors_in_the_part_that_is_most_alike(text: str, errors: int) -> None:
    """What stands around it does not count."""
    assert errors_in(words(text), words("1234")) == errors


def test_contains_needs_the_words_in_order() -> None:
    """A code is there only as consecutive words."""
    assert contains(words("it is 4719 today"), words("4719"))
    assert not contains(words("4 7 and 1 9"), words("4719"))
    assert not contains(words("anything"), ())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mein Code ist 47 19.", "mein Code ist vier sieben eins neun"),
        ("2416", "zweitausendvierhundertsechzehn"),
        ("24 16", "vierundzwanzig sechzehn"),
        ("0481", "null vier acht eins"),
        ("1.240", "eintausendzweihundertvierzig"),
        ("35", "fünfunddreißig"),
        ("500 €", "fünfhundert Euro"),
        ("20 %", "zwanzig Prozent"),
        ("3,14", "drei Komma eins vier"),
    ],
)
def test_german_numbers_are_their_digits_too(one: str, other: str) -> None:
    """As words or as digits, a code comes back."""
    assert words(one, "de") == words(other, "de")


def test_german_stays_german() -> None:
    """Its spelling is left alone, and a word that sounds like a number is a word."""
    assert words("Grüße, weiße Maus", "de") == ("grüsse", "weisse", "maus")
    assert words("zwei", "de") != words("zweifel", "de")
    assert word_errors("Code 12", "code one two", "de").errors == 2


def test_where_no_number_words_are_known_digits_are_compared_with_digits() -> None:
    """One by one, as they are written."""
    assert words("kode 47 19", "id") == ("kode", "4", "7", "1", "9")
    assert word_errors("kode 12", "kode satu dua", "id").errors == 2


def test_codes_are_found_in_any_text() -> None:
    """Written or spoken; a code inside a longer number too."""
    codes = by_words(("4719", "2345", "9999"))
    assert codes_in(("it is 4719", None, "one two three four five"), codes) == {"4719", "2345"}
    assert codes_in(("4719",), {}) == set()
    assert codes_in(("47 19",), by_words(("4719",), "de"), "de") == {"4719"}
