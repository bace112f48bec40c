"""Criteria on turns in times in which the machine was too busy."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn, with_stall, with_usage
from voicegate.judge import playback, replies, transcripts
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.measure.stalls import stalls
from voicegate.record.events import AudioGap, CallEvent

GOOD = Run().recording()
TURN = next(turn for turn in GOOD.turns if turn.call == "call-04")


@pytest.mark.parametrize(
    ("criterion", "changes"),
    [
        (replies.judge, {"reply_text": "something else"}),
        (playback.judge, {"gaps": (AudioGap(0.5, 2.0),)}),
        (transcripts.judge, {"transcript": "what can an me"}),
    ],
)
def test_failure_in_a_stall_is_an_error(criterion: Criterion[Limits], changes: dict[str, object]) -> None:
    """What goes wrong only while the machine stalled could not be measured; without stall it fails."""
    wrong = change_turn(GOOD, "call-04", **changes)
    assert criterion(wrong, Rules()).status is Status.FAIL
    finding = criterion(with_stall(wrong, "call-04"), Rules())
    assert finding.status is Status.ERROR
    assert "the gate's own sampling was up to 1.0 s late" in finding.reason
    assert any("call-04" in line for line in finding.evidence)


def test_failure_elsewhere_is_not_excused() -> None:
    """A stall during another call does not excuse this one."""
    wrong = with_stall(change_turn(GOOD, "call-04", reply_text="something else"), "call-12")
    assert replies.judge(wrong, Rules()).status is Status.FAIL


def test_stall_without_a_failure_does_not_matter() -> None:
    """Turns that went well in a stall went well."""
    for criterion in (replies.judge, playback.judge, transcripts.judge):
        assert criterion(with_stall(GOOD, "call-04"), Rules()).status is Status.PASS


def test_crossed_calls_are_never_excused() -> None:
    """No busy machine sends a caller's words to another call."""
    crossed = change_turn(GOOD, "call-04", reply_text=f"{TURN.reply_text} one one eight five")
    finding = transcripts.judge(with_stall(crossed, "call-04"), Rules())
    assert finding.status is Status.FAIL


def test_call_that_came_to_no_turn_in_a_stall_is_an_error() -> None:
    """A call that failed while the machine stalled accuses nobody."""
    mute = with_stall(GOOD, "call-04")
    (stall,) = stalls(mute, Limits())
    events = (
        CallEvent(stall.begin_t - 1, "call-99", "dialed", "room-99", "three-at-once"),
        CallEvent(stall.end_t + 1, "call-99", "failed", "room-99", "three-at-once", "nobody came"),
    )
    finding = replies.judge(replace(mute, calls=mute.calls + events), Rules())
    assert finding.status is Status.ERROR
    assert any("call-99" in line for line in finding.evidence)


def test_every_turn_in_a_stall_is_an_error() -> None:
    """When nothing undisturbed remains, nothing was measured."""
    wrong = change_turn(GOOD, "call-04", reply_text="something else")
    blind = replace(wrong, memory=(*GOOD.memory[:9], GOOD.memory[-1]))
    assert replies.judge(blind, Rules()).status is Status.ERROR


def test_a_stall_that_the_agent_made_is_no_excuse() -> None:
    """The turn fails, and the reason says who used the cores; had others used them, it could not be measured."""
    wrong = with_stall(change_turn(GOOD, "call-04", reply_text="something else"), "call-04")
    finding = replies.judge(with_usage(wrong, agent_cores=1.8), Rules())
    assert finding.status is Status.FAIL
    assert (
        "1 stall of the machine excused nothing, in which the agent used up to 1.8 of 2 cores"
        in finding.reason
    )
    finding = replies.judge(with_usage(wrong, agent_cores=0.2), Rules())
    assert finding.status is Status.ERROR
    assert "1.0 s late, in which the agent used up to 0.2 of 2 cores" in finding.reason
