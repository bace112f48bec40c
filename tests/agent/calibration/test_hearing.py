"""What several ways to hear make of the same clips."""

import numpy as np
import pytest
from voicegate_agent.calibration.clips import Clip
from voicegate_agent.calibration.hearing import (
    Heard,
    error_rate,
    hear_all,
    mean_cpu_s,
    table,
    words_of,
    wrong_words,
)
from voicegate_agent.model_host.decoding import Samples


def heard(wrong_words: int, words: int, kind: str = "short", cpu_s: float = 1.0) -> Heard:
    """Give what one way made of one clip."""
    return Heard(kind, wrong_words, words, cpu_s)


@pytest.mark.parametrize(
    ("reference", "text", "wrong"),
    [
        ("two four one six", "2416.", 0),
        ("Don't", "dont", 0),
        ("my code is two", "my coat is two", 1),
        ("yes", "", 1),
        ("", "thank you", 2),
        ("one two three", "one three", 1),
    ],
)
def test_words_that_are_wrong(reference: str, text: str, wrong: int) -> None:
    """Put in, left out or replaced; digits are words."""
    assert wrong_words(words_of(reference), words_of(text)) == wrong


async def test_each_clip_is_heard_in_each_way() -> None:
    """One way after the other, and after each clip it is said how many there were."""
    silence = np.zeros(160, np.float32)
    clips = [Clip("yes", "short", silence), Clip("one two", "digits", silence)]

    async def deaf(_: Samples) -> str:
        return ""

    async def positive(_: Samples) -> str:
        return "Yes."

    counted: list[int] = []
    found = await hear_all(clips, {"deaf": deaf, "positive": positive}, counted.append)
    assert [one.wrong_words for one in found["deaf"]] == [1, 2]
    assert [one.wrong_words for one in found["positive"]] == [0, 2]
    assert counted == [1, 2]


def test_rates_are_of_all_words_and_of_a_kind() -> None:
    """Words that came out of nothing count one by one."""
    clips = [heard(1, 4), heard(0, 6, "digits"), heard(2, 0, "nobody speaks")]
    assert error_rate(clips) == pytest.approx(0.3)
    assert error_rate(clips, "short") == pytest.approx(0.25)
    assert error_rate(clips, "nobody speaks") == 2
    assert mean_cpu_s([heard(0, 1, cpu_s=1.0), heard(0, 1, cpu_s=2.0)]) == 1.5


def test_the_table_has_a_row_for_each_way() -> None:
    """And a column for each kind."""
    text = table({"30 s": [heard(1, 4)], "5 s": [heard(2, 4, cpu_s=0.25)]})
    assert text.splitlines() == [
        "| way | all | short | CPU per utterance |",
        "|---|---:|---:|---:|",
        "| 30 s | 25.0 % | 25.0 % | 1000 ms |",
        "| 5 s | 50.0 % | 50.0 % | 250 ms |",
    ]
