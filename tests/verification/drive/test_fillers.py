"""What is said to pass the time, and what is not."""

import pytest
from voicegate.drive.fillers import fillers_before, split_fillers, without_fillers
from voicegate.expected_reply import ExpectedReply, ReplyWords

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


def test_the_longest_filler_counts() -> None:
    """Whichever stands first in the gate file."""
    for fillers in (("One moment", "One moment please."), ("One moment please.", "One moment")):
        assert split_fillers("One moment please. Yes.", fillers) == ("One moment please.", "Yes.")
        assert split_fillers("One moment. Yes.", fillers) == ("One moment.", "Yes.")


@pytest.mark.parametrize(
    ("text", "expected", "passed", "compared"),
    [
        ("One moment please. Yes.", "Yes.", "", ("One moment please. Yes.", "One moment please. Yes.")),
        (
            "One moment please. Yes.",
            "Let me see. Yes.",
            "",
            ("One moment please. Yes.", "One moment please. Yes."),
        ),
        ("Yes.", "One moment please. Yes.", "", ("Yes.", "Yes.")),
        ("One moment please. Yes.", "One moment please. Yes.", "One moment please.", ("Yes.", "Yes.")),
        ("One moment please, Yes.", "Yes.", "One moment please", ("Yes.", "Yes.")),
        ("one moment, please. Yes.", "Yes.", "One moment please.", ("Yes.", "Yes.")),
        ("One moment please.", "Yes.", "One moment please.", (None, "Yes.")),
        ("One moment please. Yes.", "", "", ("One moment please. Yes.", "")),
        (
            "One moment please. Yes.",
            ReplyWords(("yes",)),
            "",
            ("One moment please. Yes.", ReplyWords(("yes",))),
        ),
        (None, "One moment please. Yes.", "", (None, "One moment please. Yes.")),
    ],
)
def test_a_filler_is_compared_as_it_was_said(
    text: str | None, expected: ExpectedReply, passed: str, compared: tuple[str | None, ExpectedReply]
) -> None:
    """In the text and in what is expected, once in both or in neither, also where the expected reply begins with one."""
    assert without_fillers(text, expected, FILLERS, passed) == compared


def test_a_filler_that_is_expected_is_the_reply() -> None:
    """Nothing more is waited for then."""
    assert fillers_before("One moment, please!", FILLERS) == ()
    for expected in ("One moment please. Yes.", "", "Yes.", ReplyWords(("one moment please",))):
        assert fillers_before(expected, FILLERS) == FILLERS
    assert without_fillers("One moment please.", "One moment please.", ()) == (("One moment please.",) * 2)
