"""G3."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn, cut_at
from voicegate.expected_reply import ExpectedReply, ReplyPattern, ReplyWords
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.judge.replies import judge
from voicegate.record.events import CallEvent, End, Fault

GOOD = Run().recording()


@pytest.mark.parametrize("reply", [None, "", "something else"])
def test_missing_or_wrong_reply_fails(reply: str | None) -> None:
    """One turn without its reply fails, and is named."""
    finding = judge(change_turn(GOOD, "call-04", reply_text=reply), Rules())
    assert finding.status is Status.FAIL
    assert "turns with the right reply text: 19, must be 20" in finding.reason
    assert any("call-04 turn 1" in line for line in finding.evidence)


def test_spelling_does_not_matter() -> None:
    """Case, punctuation and digits are not what is judged."""
    reply = "Thank you! Your code is 1148."
    assert judge(change_turn(GOOD, "call-04", reply_text=reply), Rules()).status is Status.PASS


def test_unknown_expectation_needs_any_reply() -> None:
    """Where nothing in particular is expected, any reply will do, but not none."""
    free = change_turn(GOOD, "call-04", expected_reply="", reply_text="anything")
    assert judge(free, Rules()).status is Status.PASS
    assert judge(change_turn(free, "call-04", reply_text=None), Rules()).status is Status.FAIL


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        (ReplyPattern("code is 9"), "expected a reply that matches 'code is 9', got 'thank you your code is"),
        (ReplyWords(("1148", "goodbye")), "expected a reply with '1148' and 'goodbye', got 'thank you your"),
    ],
)
def test_what_was_expected_is_shown(expected: ExpectedReply, shown: str) -> None:
    """Whatever the form it was given in."""
    finding = judge(change_turn(GOOD, "call-04", expected_reply=expected), Rules())
    assert finding.status is Status.FAIL
    assert any(shown in line for line in finding.evidence), finding.evidence


def test_call_without_a_turn_fails() -> None:
    """A call that ended without a turn fails, with what went wrong."""
    t = 300.0
    lonely = (
        CallEvent(t, "call-99", "dialed", "room-99", "quiet"),
        CallEvent(t + 20, "call-99", "failed", "room-99", "quiet", "no agent came within 20 s"),
    )
    finding = judge(replace(GOOD, calls=GOOD.calls + lonely), Rules())
    assert finding.status is Status.FAIL
    assert any("no agent came within 20 s" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("fault", "owner"), [("server", "the LiveKit server"), ("caller", "the gate's own caller")]
)
def test_call_that_others_failed_accuses_them_and_not_the_agent(fault: Fault, owner: str) -> None:
    """The gate's server or a caller of its own: an error that names the one whose fault it was."""
    t = 300.0
    failed = (
        CallEvent(t, "call-99", "dialed", "room-99", "quiet"),
        CallEvent(t + 5, "call-99", "failed", "room-99", "quiet", "it stopped", fault),
    )
    finding = judge(replace(GOOD, calls=GOOD.calls + failed), Rules())
    assert finding.status is Status.ERROR
    assert owner in finding.reason
    alone = judge(replace(GOOD, calls=failed, turns=()), Rules())
    assert (alone.status, owner in alone.reason) == (Status.ERROR, True)


def test_call_that_ended_with_the_run_is_no_failure() -> None:
    """Ctrl-C in a call, before its first turn or in one, is no fault of the agent's: not measured, as far as it went."""
    t = 300.0
    cut = (
        CallEvent(t, "call-99", "dialed", "room-99", "quiet"),
        CallEvent(t + 5, "call-99", "failed", "room-99", "quiet", "broken off", "run"),
    )
    interrupted = replace(GOOD, calls=GOOD.calls + cut, end=End(t + 6, "interrupted"))
    half_a_turn = replace(GOOD.turns[-1], t=t + 2, call="call-99", reply_text=None, transcript=None)
    for turns in (GOOD.turns, (*GOOD.turns, half_a_turn)):
        finding = judge(replace(interrupted, turns=turns), Rules())
        assert finding.status is Status.ERROR
        assert "interrupted" in finding.reason


def test_call_that_is_not_over_is_no_failure() -> None:
    """A call that was still going on when the recording stopped may yet have had its turn."""
    assert judge(cut_at(GOOD, 60), Rules()).status is Status.ERROR


def test_no_calls_are_an_error() -> None:
    """A recording without calls shows nothing about replies."""
    assert judge(replace(GOOD, calls=(), turns=()), Rules()).status is Status.ERROR
