"""T8."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.conversations import DISTURBANCE, EXPECTED, INTERRUPTION, SAID_S, conversation
from voicegate.expected_reply import ReplyWords
from voicegate.judge import barge_in
from voicegate.judge.as_scripted import judge
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import Rules
from voicegate.record.events import Expected, Recording

ANSWER = (SAID_S + 0.5, SAID_S + 3.0)


def expecting(recording: Recording, index: int, expected: Expected) -> Recording:
    """Let one step, and no other, expect this."""
    steps = tuple(
        replace(step, expects=expected if step.index == index else None) for step in recording.steps
    )
    return replace(recording, steps=steps)


def judged(index: int, expected: Expected, *heard: tuple[float, float], reply: str | None = None) -> Finding:
    """Judge a step in which the agent is heard so."""
    replies = {} if reply is None else {index: reply}
    return judge(expecting(conversation({index: heard}, replies), index, expected), Rules())


@pytest.mark.parametrize(
    ("index", "expected", "heard", "came"),
    [
        (EXPECTED, Expected(within_s=0.6), [ANSWER], ""),
        (EXPECTED, Expected(within_s=0.4), [ANSWER], "answered after 0.50 s"),
        (EXPECTED, Expected(within_s=0.4), [], "no answer was heard"),
        (EXPECTED, Expected(once=True), [ANSWER], ""),
        (EXPECTED, Expected(once=True), [ANSWER, (ANSWER[1] + 1.1, ANSWER[1] + 1.5)], "2 answers"),
        (EXPECTED, Expected(no_answer=True), [], ""),
        (EXPECTED, Expected(no_answer=True), [ANSWER], "something was said for 2.50 s"),
        (DISTURBANCE, Expected(keeps_talking=True), [(0.0, 2.1)], ""),
        (DISTURBANCE, Expected(keeps_talking=True), [(0.0, 0.4)], "the reply was heard for 0.40 s more"),
        (INTERRUPTION, Expected(keeps_talking=True), [(0.0, 2.1)], ""),
        (INTERRUPTION, Expected(stops_within_s=0.4), [(0.0, 0.3), ANSWER], ""),
        (INTERRUPTION, Expected(stops_within_s=0.2), [(0.0, 0.3), ANSWER], "silent after 0.30 s"),
    ],
)
def test_what_may_be_expected(
    index: int, expected: Expected, heard: Sequence[tuple[float, float]], came: str
) -> None:
    """Each alone: it comes, or the evidence says what came in its place."""
    finding = judged(index, expected, *heard)
    assert finding.status is (Status.FAIL if came else Status.PASS), finding.long()
    assert came in finding.evidence[0]


def test_an_answer_may_be_expected() -> None:
    """As the caller's turn has it, which the script gave."""
    recording = expecting(conversation(), EXPECTED, Expected(answer=ReplyWords(("goodbye",))))
    turns = tuple(replace(turn, expected_reply=ReplyWords(("goodbye",))) for turn in recording.scripted)
    finding = judge(replace(recording, scripted=turns), Rules())
    assert finding.status is Status.FAIL
    assert "expected a reply with 'goodbye'" in finding.evidence[0]


def test_a_reply_that_was_over_is_no_reply_that_goes_on() -> None:
    """There was nothing to be stopped."""
    heard = {INTERRUPTION - 1: [(2.5, 2.6)], INTERRUPTION: [ANSWER]}
    recording = expecting(conversation(heard), INTERRUPTION, Expected(stops_within_s=0.5))
    finding = judge(recording, Rules())
    assert finding.status is Status.FAIL
    assert "not speaking any more" in finding.evidence[0]


def test_a_step_with_an_expectation_is_judged_by_nothing_else() -> None:
    """A script that wants the agent to go on when somebody speaks does not fail T2."""
    recording = expecting(
        conversation({INTERRUPTION: [(0.0, 2.1)]}), INTERRUPTION, Expected(keeps_talking=True)
    )
    assert judge(recording, Rules()).status is Status.PASS
    assert barge_in.judge(recording, Rules()).status is Status.NOT_RUN


def test_without_an_expectation_it_is_not_run() -> None:
    """The gate's own scripts have none."""
    steps = tuple(replace(step, expects=None) for step in conversation().steps)
    assert judge(replace(conversation(), steps=steps), Rules()).status is Status.NOT_RUN
