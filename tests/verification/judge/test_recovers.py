"""T7."""

from dataclasses import replace

import pytest
from fakes.conversations import KINDS, TURN, conversation, failed, planned
from voicegate.judge.finding import Status
from voicegate.judge.recovers import judge
from voicegate.judge.registry import Rules


def test_every_turn_must_go_well() -> None:
    """One that gets no reply, or a wrong one, is one too many."""
    for reply in ("", "can you repeat that please"):
        finding = judge(conversation(replies={TURN: reply}), Rules())
        assert finding.status is Status.FAIL
        assert "turns that went well: 3" in finding.reason


def test_a_reply_must_be_clear() -> None:
    """It was heard, and nobody can understand it."""
    recording = conversation()
    turns = tuple(replace(one, heard_text="something else") for one in recording.scripted)
    assert judge(replace(recording, scripted=turns), Rules()).status is Status.FAIL


@pytest.mark.parametrize("steps", [1, 4])
def test_an_agent_that_leaves_does_not_recover(steps: int) -> None:
    """It hung up in the middle of the script."""
    finding = judge(planned(failed(conversation(), "agent", steps), *KINDS), Rules())
    assert finding.status is (Status.FAIL if steps > TURN else Status.ERROR), finding.long()


def test_without_a_scripted_call_it_is_not_run() -> None:
    """Other scenarios have nothing to recover from."""
    assert judge(replace(conversation(), steps=(), sounds=(), scripted=()), Rules()).status is Status.NOT_RUN
