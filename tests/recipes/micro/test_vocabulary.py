"""What the micro model knows: closed, consistent, and enough for every listed sentence."""

import pytest
from recipes.micro import vocabulary


def test_words_are_sorted_and_unique() -> None:
    """Token numbers depend on the order of the words."""
    assert list(vocabulary.WORDS) == sorted(set(vocabulary.WORDS))


@pytest.mark.parametrize("text", vocabulary.CALLER_SENTENCES + vocabulary.AGENT_SENTENCES)
def test_every_listed_sentence_can_be_written(text: str) -> None:
    """Callers and the agent say only words that the model knows."""
    assert vocabulary.unknown_words(text) == ()
    assert vocabulary.normalized(text) == text


@pytest.mark.parametrize("phrase", vocabulary.CODE_PHRASES)
def test_every_code_phrase_can_be_written(phrase: str) -> None:
    """A phrase with a spoken code stays within the vocabulary."""
    assert vocabulary.unknown_words(phrase.format(code=vocabulary.spoken("0123456789"))) == ()


@pytest.mark.parametrize("homophone", ["for", "to", "too", "won", "ate", "know"])
def test_no_word_sounds_like_a_digit_or_another_word(homophone: str) -> None:
    """A homophone in the vocabulary would make codes ambiguous."""
    assert vocabulary.unknown_words(homophone) == (homophone,)


def test_normalizing_spells_digits_and_drops_punctuation() -> None:
    """Written replies compare equal to what the model would hear."""
    assert vocabulary.normalized("Your code is 40-7, it's OPEN!") == "your code is four zero seven its open"


def test_unknown_words_are_named_in_order() -> None:
    """A sentence that the model cannot write says which words are to blame."""
    assert vocabulary.unknown_words("Please order two pizzas for me.") == ("pizzas", "for")
