"""Training texts stay in the vocabulary and away from everything held out."""

import random

import pytest
from recipes.micro import sentences
from recipes.micro.vocabulary import AGENT_SENTENCES, CALLER_SENTENCES, unknown_words


@pytest.mark.parametrize("draw", [sentences.caller_sentence, sentences.agent_sentence])
def test_training_texts_are_writable_and_not_held_out(draw: sentences.Draw) -> None:
    """No training text has an unknown word or is a held-out sentence."""
    rng = random.Random(0)
    for text in (draw(rng) for _ in range(1_000)):
        assert unknown_words(text) == ()
        assert not sentences.is_held_out(text)


def test_the_listed_sentences_are_always_trained() -> None:
    """What the agent and the callers must say is never held out by its hash."""
    assert not any(map(sentences.is_held_out, CALLER_SENTENCES + AGENT_SENTENCES))


def test_held_out_sentences_are_held_out_and_writable() -> None:
    """The test sets use only known words in sentences that training skips."""
    rng = random.Random(1)
    for text in (sentences.held_out_sentence(rng) for _ in range(100)):
        assert sentences.is_held_out(text)
        assert unknown_words(text) == ()


def test_a_training_code_contains_no_held_out_code() -> None:
    """Not even inside a longer number."""
    rng = random.Random(2)
    for code in (sentences.training_code(rng) for _ in range(2_000)):
        assert 1 <= len(code) <= 8
        assert not any(code[i : i + 4] in sentences.HELD_OUT_CODES for i in range(len(code)))


def test_the_same_seed_draws_the_same_text() -> None:
    """A corpus can be made again."""
    first, again = (sentences.caller_sentence(random.Random(3)) for _ in range(2))
    assert first == again
