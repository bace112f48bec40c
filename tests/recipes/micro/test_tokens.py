"""The token order that Whisper's decoders rely on."""

import pytest
from recipes.micro import tokens, vocabulary


def test_words_come_first_and_timestamps_last() -> None:
    """Every id from the end token on is special, every id after no-timestamps is a time."""
    assert tokens.TOKENS[0] == "<unk>"
    assert 1 + len(vocabulary.WORDS) == tokens.END
    assert tokens.TOKENS[tokens.FIRST_TIMESTAMP] == "<|0.00|>"
    assert tokens.TOKENS[-1] == "<|30.00|>"
    assert len(tokens.TOKENS) - tokens.FIRST_TIMESTAMP == 1501


@pytest.mark.parametrize(
    ("time_s", "written"), [(0, "<|0.00|>"), (0.1, "<|0.10|>"), (0.19, "<|0.10|>"), (2.3, "<|2.30|>")]
)
def test_a_timestamp_is_rounded_down_to_a_tenth(time_s: float, written: str) -> None:
    """The model writes times in steps of 0.1 s, of the 0.02 s that Whisper has."""
    assert tokens.TOKENS[tokens.timestamp_id(time_s)] == written


def test_an_unknown_word_is_named() -> None:
    """A text outside the vocabulary cannot be trained on."""
    with pytest.raises(KeyError, match="pizza"):
        tokens.word_ids("order pizza")
