"""What a recognizer can write, told by the words beside its model."""

import json
from pathlib import Path
from string import ascii_lowercase

import pytest
from voicegate.record.ears import MICRO_MODEL, Ears, ears_of

FEW = Ears("few", frozenset({"my", "its", "code", "is", "four", "one"}))


def test_the_packaged_model_knows_its_words() -> None:
    """And is called by what it is, not by where it stands."""
    ears = ears_of(MICRO_MODEL)
    assert ears.words is not None
    assert ears.name == f"the gate's own micro model, which knows {len(ears.words)} words"
    assert {"password", "four", "its"} <= ears.words
    assert not ears.unknown_words("It's done: your code is 4 one.")


@pytest.mark.parametrize("name", ["vocabulary.json", "vocabulary.txt"])
def test_a_model_that_can_spell_knows_every_word(tmp_path: Path, name: str) -> None:
    """Real Whisper models have each letter among their tokens, so that any word can be put together."""
    tokens = [*ascii_lowercase, "\u0120the"]
    text = json.dumps(tokens) if name.endswith("json") else "\n".join(tokens)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert ears_of(tmp_path) == Ears(str(tmp_path))
    assert ears_of(tmp_path).unknown_words("anything at all") == ()


def test_a_model_of_few_words_is_named_with_their_number(tmp_path: Path) -> None:
    """Whoever made it."""
    (tmp_path / "vocabulary.json").write_text(json.dumps(["<unk>", "\u0120yes", "\u0120no", "<|en|>"]))
    assert ears_of(tmp_path) == Ears(f"{tmp_path}, which knows 2 words", frozenset({"yes", "no"}))


@pytest.mark.parametrize("content", [None, "no JSON", "5", "[]"])
def test_a_list_that_cannot_be_read_forbids_no_word(tmp_path: Path, content: str | None) -> None:
    """A guess that ears do not fit would hide what they hear."""
    if content is not None:
        (tmp_path / "vocabulary.json").write_text(content)
    assert ears_of(tmp_path) == Ears(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("My code: is ONE 4!", ()),
        ("It's my code", ()),
        ("It’s your code, your order", ("your", "order")),
        ("my code is 41, 1,240", ("41", "1,240")),
        ("my code is 5", ("5",)),
        ("", ()),
    ],
)
def test_words_are_looked_up_as_a_model_writes_them(text: str, unknown: tuple[str, ...]) -> None:
    """In lowercase, without apostrophes, digits as words; each unknown one once, as it was written."""
    assert FEW.unknown_words(text) == unknown
