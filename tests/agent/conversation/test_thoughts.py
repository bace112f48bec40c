"""Thoughts of a model that thinks aloud."""

import pytest
from voicegate_agent.conversation.thoughts import Thoughts


def answer(text: str, size: int, *, hold: bool = True) -> tuple[str, bool]:
    """Give what a caller hears of a text that comes in pieces of this size, and whether its thoughts were untagged."""
    thoughts = Thoughts(hold=hold)
    pieces = [thoughts.take(text[at : at + size]) for at in range(0, len(text), size)]
    return ("".join(pieces) + thoughts.end()).strip(), thoughts.untagged


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "heard", "untagged"),
    [
        ("Your ticket is open.", "Your ticket is open.", False),
        ("<think>Okay, a ticket.</think>Your ticket is open.", "Your ticket is open.", False),
        ("Okay, a ticket. </think>Your ticket is open.", "Your ticket is open.", True),
        ("<think></think>Yes. <think>Was that right?</think>Really.", "Yes. Really.", False),
        ("<think>I thought, and ran out of tokens", "", False),
        ("Is 2 < 3? Yes, 2 <t", "Is 2 < 3? Yes, 2 <t", False),
        ("", "", False),
    ],
)
def test_thoughts_are_not_spoken(text: str, heard: str, untagged: bool, size: int) -> None:
    """With or without an opening tag, and however the text is cut; what is no tag stays."""
    assert answer(text, size) == (heard, untagged)


def test_what_is_not_held_comes_at_once() -> None:
    """A model that was seen not to think aloud is spoken as it writes."""
    thoughts = Thoughts(hold=False)
    assert thoughts.take("Your ticket ") == "Your ticket "


def test_what_is_held_waits_for_a_closing_tag() -> None:
    """The first reply of a call may turn out to be thoughts."""
    thoughts = Thoughts(hold=True)
    assert thoughts.take("Okay, a ticket.") == ""
    assert thoughts.take("</think>Your ticket") == "Your ticket"
    assert thoughts.take(" is open.") == " is open."
