"""T4."""

from dataclasses import replace

import pytest
from fakes.conversations import PAUSE, PAUSE_AT_S, PAUSE_S, SAID_S, conversation
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.judge.waits import judge

END_S = SAID_S + PAUSE_S
ANSWER = (END_S + 0.5, END_S + 3.0)


@pytest.mark.parametrize(
    ("begin_s", "status"),
    [
        (PAUSE_AT_S - 0.05, Status.PASS),  # not because of the pause
        (PAUSE_AT_S + 0.3, Status.FAIL),
        (END_S - 0.05, Status.FAIL),  # while the caller went on
    ],
)
def test_no_reply_may_begin_until_the_caller_has_finished(begin_s: float, status: Status) -> None:
    """Neither in the pause nor over what follows it, even if the whole is answered in the end."""
    finding = judge(conversation(heard={PAUSE: [(begin_s, begin_s + 0.1), ANSWER]}), Rules())
    assert finding.status is status, finding.long()


def test_the_whole_must_be_answered() -> None:
    """Half of a code is another code."""
    finding = judge(conversation(replies={PAUSE: "thank you your code is five two"}), Rules())
    assert finding.status is Status.FAIL
    assert "answered once, whole: 50" in finding.reason


def test_it_must_be_answered_once() -> None:
    """An answer to each half is one too many."""
    finding = judge(conversation(heard={PAUSE: [ANSWER, (ANSWER[1] + 1.2, ANSWER[1] + 1.9)]}), Rules())
    assert finding.status is Status.FAIL
    assert "2 answers" in finding.evidence[0]


def test_how_many_may_be_cut_off() -> None:
    """One of two is too many for 95 %, and not for half."""
    recording = conversation(heard={PAUSE: [(PAUSE_AT_S + 0.2, PAUSE_AT_S + 0.4), ANSWER]})
    assert judge(recording, Rules()).status is Status.FAIL
    assert judge(recording, Rules(Limits(waits_fraction=0.5))).status is Status.PASS


def test_without_a_scripted_call_it_is_not_run() -> None:
    """Other scenarios have no pauses."""
    assert judge(replace(conversation(), steps=(), sounds=(), scripted=()), Rules()).status is Status.NOT_RUN


def test_a_filler_is_no_answer() -> None:
    """What is said by itself before the answer does not make it two."""
    filler = (END_S + 0.5, END_S + 1.0)
    recording = conversation(heard={PAUSE: [filler, (END_S + 3.0, END_S + 5.0)]})
    assert judge(recording, Rules()).status is Status.FAIL
    step = recording.steps[PAUSE]
    turns = tuple(
        replace(turn, reply_from_t=step.t + END_S + 2.5) if turn.index == step.turn else turn
        for turn in recording.scripted
    )
    assert judge(replace(recording, scripted=turns), Rules()).status is Status.PASS
