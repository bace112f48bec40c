"""G3."""

from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from fakes.recordings import Run, change_turn, cut_at
from voicegate.expected_reply import ExpectedReply, ReplyPattern, ReplyWords
from voicegate.judge import cycles
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.judge.replies import judge
from voicegate.record.events import CallEvent, End, Fault, Recording

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


def left_early(call: str, before_s: float = 4.0) -> Recording:
    """Make a run in which the agent leaves a call so many seconds before its caller hangs up."""
    (gone,) = [event for event in GOOD.calls if (event.call, event.step) == (call, "hung_up")]
    return replace(GOOD, calls=(*GOOD.calls, replace(gone, t=gone.t - before_s, step="agent_left")))


def test_call_that_the_agent_left_early_fails() -> None:
    """All was answered until then, but the caller was still there; in the cycles G9 counts it as well."""
    finding = judge(left_early("call-04"), Rules())
    assert finding.status is Status.FAIL
    assert "calls that the agent did not stay in: 1, must be 0" in finding.reason
    assert "call-04: the agent left the call 4.0 s before its caller hung up" in finding.evidence
    assert cycles.judge(left_early("call-04"), Rules()).status is Status.PASS
    assert cycles.judge(left_early("call-15"), Rules()).status is Status.FAIL


def test_call_under_load_that_the_agent_left_is_for_another_criterion() -> None:
    """L1 allows a hundredth of them."""
    load = LoadRun().recording()
    gone = [event for event in load.calls if event.step == "hung_up"][3]
    left = replace(load, calls=(*load.calls, replace(gone, t=gone.t - 1, step="agent_left")))
    assert judge(left, Rules()).status is Status.PASS


def test_call_that_a_long_stall_may_have_ended_is_an_error() -> None:
    """The machine stood still for most of the time before the agent was gone."""
    early = left_early("call-04", before_s=1.0)
    (turn,) = [turn for turn in early.turns if turn.call == "call-04"]
    assert turn.reply_end_t is not None
    from_t, until_t = turn.reply_end_t + 0.2, early.calls[-1].t - 0.2
    memory = tuple(one for one in early.memory if not from_t < one.t < until_t)
    finding = judge(replace(early, memory=memory), Rules())
    assert finding.status is Status.ERROR
    assert "stalls explain" in finding.reason
