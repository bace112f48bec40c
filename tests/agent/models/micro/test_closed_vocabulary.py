"""What is said in a call stays within what the micro model can hear, on both ends of the line."""

import json
from pathlib import Path

import pytest
import voicegate.drive.clips
from recipes.micro.vocabulary import unknown_words
from voicegate_agent.conversation.scripted import ASK_TO_REPEAT, SCRIPT, reply_to

_MANIFEST = Path(voicegate.drive.clips.__path__[0]) / "clips.json"
CLIPS = json.loads(_MANIFEST.read_text(encoding="utf-8"))["clips"]


@pytest.mark.parametrize("reply", [ASK_TO_REPEAT, *(reply for _, reply in SCRIPT)])
def test_every_reply_of_the_agent_can_be_heard_back(reply: str) -> None:
    """The gate transcribes what callers hear; a word outside the vocabulary would look like a fault."""
    assert unknown_words(reply) == ()


def test_a_reply_with_a_code_can_be_heard_back() -> None:
    """The one reply that is put together from what the caller said."""
    assert unknown_words(reply_to("my code is 4 8 1 5")) == ()


def test_every_caller_clip_can_be_understood() -> None:
    """What the shipped clips say, and the replies that they expect."""
    assert CLIPS
    for clip in CLIPS:
        assert unknown_words(clip["text"]) == ()
        assert unknown_words(clip["expected_reply"]) == ()
