"""Times in which the machine was too busy."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn
from voicegate.judge import playback, replies, transcripts
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Status
from voicegate.judge.hold_ups import hold_ups
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import AudioGap, CallEvent, Recording

GOOD = Run().recording()
TURN = next(turn for turn in GOOD.turns if turn.call == "call-04")


def held_up(recording: Recording, call: str) -> Recording:
    """Leave out two memory samples while a call's first turn takes place."""
    (t,) = (turn.speech_end_t for turn in recording.turns if turn.call == call)
    memory = tuple(sample for sample in recording.memory if not t <= sample.t <= t + 1)
    return replace(recording, memory=memory)


def test_steady_sampling_has_no_hold_ups() -> None:
    """Samples at an even pace show no hold-up."""
    assert hold_ups(GOOD, Limits()) == ()
    assert hold_ups(replace(GOOD, memory=()), Limits()) == ()


def test_late_sample_is_a_hold_up() -> None:
    """A missing second between two samples is one."""
    (found,) = hold_ups(held_up(GOOD, "call-04"), Limits())
    assert found.late_s == pytest.approx(1.0)
    assert found.overlaps(TURN.speech_start_t, TURN.speech_end_t + 1)


def test_sample_that_took_long_is_a_hold_up() -> None:
    """So is one that came in time and then needed 0.3 s longer than the others."""
    slow = replace(GOOD.memory[20], duration_s=GOOD.memory[20].duration_s + 0.3)
    memory = (*GOOD.memory[:20], slow, *GOOD.memory[21:])
    (found,) = hold_ups(replace(GOOD, memory=memory), Limits())
    assert found.late_s == pytest.approx(0.3)
    assert found.begin_t == slow.t


@pytest.mark.parametrize(
    ("criterion", "changes"),
    [
        (replies.judge, {"reply_text": "something else"}),
        (playback.judge, {"gaps": (AudioGap(0.5, 2.0),)}),
        (transcripts.judge, {"transcript": "what can an me"}),
    ],
)
def test_failure_in_a_hold_up_is_an_error(criterion: Criterion[Limits], changes: dict[str, object]) -> None:
    """What goes wrong only while the gate itself was held up could not be measured; without hold-up it fails."""
    wrong = change_turn(GOOD, "call-04", **changes)
    assert criterion(wrong, Rules()).status is Status.FAIL
    finding = criterion(held_up(wrong, "call-04"), Rules())
    assert finding.status is Status.ERROR
    assert "held up the gate itself, by up to 1.0 s" in finding.reason
    assert any("call-04" in line for line in finding.evidence)


def test_failure_elsewhere_is_not_excused() -> None:
    """A hold-up during another call does not excuse this one."""
    wrong = held_up(change_turn(GOOD, "call-04", reply_text="something else"), "call-12")
    assert replies.judge(wrong, Rules()).status is Status.FAIL


def test_hold_up_without_a_failure_does_not_matter() -> None:
    """Turns that went well in a hold-up went well."""
    for criterion in (replies.judge, playback.judge, transcripts.judge):
        assert criterion(held_up(GOOD, "call-04"), Rules()).status is Status.PASS


def test_crossed_calls_are_never_excused() -> None:
    """No busy machine sends a caller's words to another call."""
    crossed = change_turn(GOOD, "call-04", reply_text=f"{TURN.reply_text} one one eight five")
    finding = transcripts.judge(held_up(crossed, "call-04"), Rules())
    assert finding.status is Status.FAIL


def test_call_that_came_to_no_turn_in_a_hold_up_is_an_error() -> None:
    """A call that failed while the machine was held up accuses nobody."""
    mute = held_up(GOOD, "call-04")
    (hold_up,) = hold_ups(mute, Limits())
    events = (
        CallEvent(hold_up.begin_t - 1, "call-99", "dialed", "room-99", "three-at-once"),
        CallEvent(hold_up.end_t + 1, "call-99", "failed", "room-99", "three-at-once", "nobody came"),
    )
    finding = replies.judge(replace(mute, calls=mute.calls + events), Rules())
    assert finding.status is Status.ERROR
    assert any("call-99" in line for line in finding.evidence)


def test_every_turn_in_a_hold_up_is_an_error() -> None:
    """When nothing undisturbed remains, nothing was measured."""
    wrong = change_turn(GOOD, "call-04", reply_text="something else")
    blind = replace(wrong, memory=(*GOOD.memory[:9], GOOD.memory[-1]))
    assert replies.judge(blind, Rules()).status is Status.ERROR
