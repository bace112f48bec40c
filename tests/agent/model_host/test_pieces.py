"""A text is cut where speech pauses, the first piece early."""

import itertools

import pytest
from voicegate_agent.model_host.pieces import GROWTH, goes_on, split_text

LONG = (
    "Your password has been reset, and a link has been sent to the address that we have on file, "
    "which you can use for a day; after that, please ask for another one."
)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" \n ", []),
        ("One two.", ["One two."]),
        ("One two. Three four.", ["One two.", "Three four."]),
        ("One two, three four", ["One two,", "three four"]),
        ("One two three four", ["One two", "three four"]),
        ("a" * 25, ["a" * 12, "a" * 12, "a"]),
        ("One. Two. Three. Four", ["One.", "Two. Three.", "Four"]),
        ("It is 3.14159 now", ["It is", "3.14159 now"]),
        ("It is so or not", ["It is so", "or not"]),
    ],
)
def test_a_long_text_is_cut_at_its_pauses(text: str, pieces: list[str]) -> None:
    """At sentences, else clauses, else before conjunctions, else words, else anywhere; twelve characters at most here."""
    assert split_text(text, 12) == pieces


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Yes. Your order is on its way.", "Yes."),
        ("Hello, how can I help you?", "Hello, how can I help you?"),
        (LONG, "Your password has been reset,"),
        (
            "Well, I can look that up for you, but it will take me a moment or two.",
            "Well, I can look that up for you,",
        ),
        (
            "The store opens at eight in the morning and closes at six in the evening.",
            "The store opens at eight in the morning and closes at six in the evening.",
        ),
        (
            "The store opens at eight in the morning and closes at six in the evening on every day except on Sunday.",
            "The store opens at eight in the morning",
        ),
    ],
)
def test_a_long_first_sentence_begins_with_its_first_clause(text: str, first: str) -> None:
    """It is soon made; short sentences stay whole, and a clause of one word is no piece."""
    assert split_text(text)[0] == first


def test_pieces_grow() -> None:
    """While one is heard the next is made: a pause that allows it is found before it is GROWTH times as long."""
    pieces = split_text(LONG)
    assert len(pieces) > 1
    assert all(len(after) <= GROWTH * len(before) for before, after in itertools.pairwise(pieces))


def test_a_sentence_without_a_pause_grows_before_conjunctions() -> None:
    """After a short first clause the rest of a long one would come too late."""
    pieces = split_text(
        "Thank you for calling, I can see that your order left our warehouse yesterday evening "
        "and should arrive at your door on Friday before noon."
    )
    assert [piece.split()[0] for piece in pieces] == ["Thank", "I", "and"]
    assert [goes_on(piece) for piece in pieces] == [False, True, False]


def test_no_word_is_lost() -> None:
    """The pieces hold all words in their order."""
    words = [f"word{number}" for number in range(999)]
    pieces = split_text(" ".join(words))
    assert " ".join(pieces).split() == words
    assert max(map(len, pieces)) <= 240
