"""T2."""

from dataclasses import replace

import pytest
from fakes.conversations import INTERRUPTION, INTO_REPLY_S, OPENING, conversation, with_sound
from voicegate.judge.barge_in import judge
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules

ANSWER = (2.5, 5.0)


@pytest.mark.parametrize(
    ("stop_s", "status"), [(0.0, Status.PASS), (0.5, Status.PASS), (0.52, Status.FAIL), (1.6, Status.FAIL)]
)
def test_how_soon_it_is_silent(stop_s: float, status: Status) -> None:
    """Half a second is allowed."""
    heard = [(-0.01, stop_s), ANSWER] if stop_s else [(-0.4, 0.01), ANSWER]
    finding = judge(conversation(heard={INTERRUPTION: heard}), Rules())
    assert finding.status is status, finding.long()


def test_a_reply_that_begins_again_while_the_caller_speaks_did_not_stop() -> None:
    """It was silent after 0.3 s, and went on in the caller's sentence."""
    finding = judge(conversation(heard={INTERRUPTION: [(0.0, 0.3), (1.0, 1.9), ANSWER]}), Rules())
    assert finding.status is Status.FAIL
    assert "1.9" in finding.reason


def test_an_interruption_must_be_answered() -> None:
    """An agent that only falls silent has not listened."""
    for reply in ("", "can you repeat that please"):
        finding = judge(conversation(replies={INTERRUPTION: reply}), Rules())
        assert finding.status is Status.FAIL
        assert "interruptions that were answered: 0" in finding.reason


def test_an_agent_that_was_not_speaking_any_more_shows_nothing() -> None:
    """Nobody was interrupted."""
    finding = judge(conversation(heard={OPENING: [(2.5, 2.7)], INTERRUPTION: [ANSWER]}), Rules())
    assert finding.status is Status.ERROR
    assert "not speaking any more" in finding.reason


def test_a_reply_that_may_have_ended_by_itself_shows_nothing() -> None:
    """The agent's usual replies are hardly longer than what was heard of this one."""
    recording = conversation()
    short = tuple(
        replace(turn, reply_end_t=(turn.reply_start_t or 0) + INTO_REPLY_S + 0.4)
        for turn in recording.scripted
    )
    finding = judge(replace(recording, scripted=short, turns=()), Rules())
    assert finding.status is Status.ERROR
    assert "ended by themselves" in finding.reason


def test_without_a_scripted_call_it_is_not_run() -> None:
    """Other scenarios have no interruption."""
    assert judge(replace(conversation(), steps=(), sounds=(), scripted=()), Rules()).status is Status.NOT_RUN


def test_a_call_without_its_sound_is_an_error() -> None:
    """The sound is what is judged."""
    assert judge(with_sound(conversation(), None), Rules()).status is Status.ERROR
