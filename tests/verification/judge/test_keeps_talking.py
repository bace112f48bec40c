"""T3."""

from dataclasses import replace

import pytest
from fakes.conversations import DISTURBANCE, INTO_REPLY_S, REPLY_S, conversation
from voicegate.judge.finding import Status
from voicegate.judge.keeps_talking import judge
from voicegate.judge.registry import Rules
from voicegate.record.events import Recording

LEFT_S = REPLY_S - INTO_REPLY_S
FIRST_OPENING = DISTURBANCE - 1


@pytest.mark.parametrize(
    ("silent_s", "status"), [(0.2, Status.PASS), (0.99, Status.PASS), (1.1, Status.FAIL)]
)
def test_a_reply_may_be_silent_for_a_moment(silent_s: float, status: Status) -> None:
    """It must go on within a second."""
    heard = [(0.0, 0.3), (0.3 + silent_s, LEFT_S + silent_s)]
    finding = judge(conversation(heard={DISTURBANCE: heard}), Rules())
    assert finding.status is status, finding.long()


def test_a_reply_that_does_not_go_on() -> None:
    """It is silent after the cough, and what it wrote is half of the reply."""
    finding = judge(conversation({DISTURBANCE: [(0.0, 0.4)]}, {FIRST_OPENING: "thank you your"}), Rules())
    assert finding.status is Status.FAIL
    assert "replies that went on: 0" in finding.reason
    assert "'thank you your'" in finding.evidence[0]


def test_an_answer_to_the_noise_after_the_reply() -> None:
    """The reply is whole, and then something else is said."""
    recording = conversation(
        {DISTURBANCE: [(0.0, LEFT_S), (LEFT_S + 1.2, LEFT_S + 1.9)]},
        {FIRST_OPENING: "thank you your code is five zero zero zero sorry"},
    )
    finding = judge(recording, Rules())
    assert finding.status is Status.FAIL
    assert "noises that were answered: 1" in finding.reason


def test_an_answer_to_the_noise_in_place_of_the_reply() -> None:
    """It comes so soon that it sounds as if the reply went on: the text tells."""
    recording = conversation(
        {DISTURBANCE: [(0.0, 0.3), (1.1, 2.2)]}, {FIRST_OPENING: "thank you can you repeat that"}
    )
    assert judge(recording, Rules()).status is Status.FAIL


def test_an_agent_that_was_not_speaking_any_more_shows_nothing() -> None:
    """No reply was disturbed."""
    heard = {FIRST_OPENING: [(2.5, 2.6)], DISTURBANCE: []}
    finding = judge(conversation(heard=heard), Rules())
    assert finding.status is Status.ERROR
    assert "not speaking any more" in finding.reason


def test_replies_that_are_too_short_show_nothing() -> None:
    """A reply of a second ends by itself as soon as a cough would have stopped it."""

    def short(recording: Recording) -> Recording:
        turns = tuple(replace(one, reply_end_t=(one.reply_start_t or 0) + 1.0) for one in recording.scripted)
        return replace(recording, scripted=turns)

    for heard in ((0.0, LEFT_S), (0.0, 0.6)):
        finding = judge(short(conversation({DISTURBANCE: [heard]})), Rules())
        assert finding.status is Status.ERROR
        assert "ended by themselves" in finding.reason


def test_replies_that_were_disturbed_do_not_say_how_long_replies_are() -> None:
    """A reply that a cough cut short would excuse itself."""
    recording = conversation({DISTURBANCE: [(0.0, 0.4)]}, {FIRST_OPENING: "thank you your"})
    disturbed = recording.steps[FIRST_OPENING].turn
    turns = tuple(
        replace(one, reply_end_t=(one.reply_start_t or 0) + 0.8) if one.index == disturbed else one
        for one in recording.scripted
    )
    finding = judge(replace(recording, scripted=turns), Rules())
    assert finding.status is Status.FAIL, finding.long()


def test_without_a_scripted_call_it_is_not_run() -> None:
    """Other scenarios have no noises."""
    assert judge(replace(conversation(), steps=(), sounds=(), scripted=()), Rules()).status is Status.NOT_RUN
