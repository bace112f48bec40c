"""Repetition is found, and no loop is left."""

import pytest
from faster_whisper.transcribe import get_compression_ratio
from voicegate_agent.model_host.loops import compression_ratio, is_repeated, without_loops

CODE = "My code is 3957."
SENTENCE = (
    "Your password has been reset, and a link has been sent to the address that we have on file for you."
)


def test_the_ratio_is_whispers() -> None:
    """The threshold was found with this figure."""
    for text in (CODE, CODE * 20, "größer"):
        assert compression_ratio(text) == get_compression_ratio(text)


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("", False),
        ("one", False),
        (CODE, False),
        ("one two three four", False),
        ("nine nine nine nine", False),
        ("one two one two", True),
        ("no no", False),
        (f"{CODE} {CODE}", True),
        (f"Well, {CODE} my code is 3957", True),
        ("I am, I am here", True),
        (f"{SENTENCE} {SENTENCE}", True),
        ("My code is 3957, my other code is 3957", False),
        ("看看いろいろ", False),
        ("我的代码 我的代码", True),
    ],
)
def test_a_phrase_twice_in_a_row_is_repeated(text: str, repeated: bool) -> None:
    """Whatever its case and its punctuation; in scripts without spaces one word may be a few characters."""
    assert is_repeated(text) is repeated


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        (CODE, CODE),
        (f"{CODE} {CODE}", f"{CODE} {CODE}"),
        (f"{CODE} {CODE} {CODE}", CODE),
        (" ".join(["Hello."] + [CODE] * 40 + ["My"]), f"Hello. {CODE} My"),
        ("0 0 0 0 0 0 0", "0 0 0 0 0 0 0"),
        ("one " * 8, "one"),
        ("1 2 1 2 1 2", "1 2 1 2 1 2"),
        ("one two one two one two", "one two one two one two"),
        ("one two " * 8, "one two"),
        ("yes no yes no yes no", "yes no"),
        ("I do not, I do not, I do not know", "I do not know"),
        ("谢谢" * 3, "谢谢" * 3),
        ("谢谢" * 4, "谢"),
        ("好的，" * 7 + "好的。", "好的。"),
        ("我的代码是三九五七。" * 3, "我的代码是三九五七。"),
        ("你好 " + "请再说一遍" * 30 + "吗", "你好 请再说一遍吗"),
        ("一二一二一二", "一二一二一二"),
        ("はいはいはい", "はいはいはい"),
        ("ขอบคุณครับ" * 9, "ขอบคุณครับ"),
        ("감사합니다 감사합니다", "감사합니다 감사합니다"),
    ],
)
def test_of_a_loop_one_turn_is_left(text: str, left: str) -> None:
    """Twice is what people do; codes keep their digits. Scripts without spaces are counted by characters."""
    assert without_loops(text) == left


def test_a_phrase_that_is_too_long_is_no_loop() -> None:
    """Sixty words are not said three times in a row by mistake."""
    text = " ".join(f"word{number}" for number in range(60))
    assert without_loops(f"{text} {text} {text}") == f"{text} {text} {text}"
