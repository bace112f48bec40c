"""What is said to pass the time, and what is not."""

import pytest
from voicegate.drive.fillers import split_fillers

FILLERS = ("One moment please.", "Let me see")


@pytest.mark.parametrize(
    ("text", "said", "rest"),
    [
        ("One moment please.", "One moment please.", ""),
        ("one moment, please! Your code is 2416.", "one moment, please!", "Your code is 2416."),
        ("Let me see... One moment please. Yes.", "Let me see... One moment please.", "Yes."),
        ("Your code is 2416. One moment please.", "", "Your code is 2416. One moment please."),
        ("One moment", "", "One moment"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_fillers_are_split_off(text: str | None, said: str, rest: str) -> None:
    """Only at the beginning, word by word, as often as they come."""
    assert split_fillers(text, FILLERS) == (said, rest)


def test_without_fillers_all_is_a_reply() -> None:
    """An empty phrase is none."""
    assert split_fillers("One moment please.", ()) == ("", "One moment please.")
    assert split_fillers("One moment please.", ("", "...")) == ("", "One moment please.")
