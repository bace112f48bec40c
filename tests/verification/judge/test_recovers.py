"""T7."""

from dataclasses import replace

import pytest
from fakes.conversations import KINDS, TURN, conversation, failed, planned
from fakes.recordings import with_stall
from voicegate.judge.finding import Status
from voicegate.judge.recovers import judge
from voicegate.judge.registry import Limits, Rules
from voicegate.measure.stalls import stalls
from voicegate.record.events import PlannedPhase


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


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_an_agent_that_leaves_does_not_recover(steps: int) -> None:
    """It hung up in the middle of the script, before its first plain turn, or before its first step."""
    finding = judge(planned(failed(conversation(), "agent", steps), *KINDS), Rules())
    assert finding.status is Status.FAIL, finding.long()
    assert "scripted calls that the agent broke off: 1" in finding.reason


@pytest.mark.parametrize("steps", [0, 1])
def test_an_agent_that_leaves_in_a_stall_is_not_judged(steps: int) -> None:
    """The call may have come to its end because the machine stood still."""
    recording = planned(failed(conversation(), "agent", steps), *KINDS)
    (call,) = {sound.call for sound in recording.sounds}
    times = [event.t for event in recording.calls if event.call == call]
    blind = tuple(sample for sample in recording.memory if not min(times) <= sample.t <= max(times))
    finding = judge(replace(recording, memory=blind), Rules())
    assert finding.status is Status.ERROR, finding.long()


def test_a_stall_in_another_call_excuses_nobody() -> None:
    """Only one in which this call failed does."""
    recording = planned(failed(conversation(), "agent", 4), *KINDS)
    elsewhere = with_stall(recording, "call-04")
    assert stalls(elsewhere, Limits())
    assert judge(elsewhere, Rules()).status is Status.FAIL


def test_a_call_that_had_no_script_is_no_scripted_call() -> None:
    """Other criteria judge that the agent broke it off, also where its phase was planned."""
    recording = planned(conversation(), *KINDS)
    planned_too = PlannedPhase("second-call", 1)
    events = tuple(
        replace(event, step="failed", detail="it stopped", fault="agent")
        if (event.phase, event.step) == ("second-call", "hung_up")
        else event
        for event in recording.calls
    )
    header = replace(recording.header, planned=(*(recording.header.planned or ()), planned_too))
    assert "failed" in {event.step for event in events}
    assert judge(replace(recording, calls=events, header=header), Rules()).status is Status.PASS


def test_an_agent_that_never_came_broke_nothing_off() -> None:
    """Others judge that."""
    recording = planned(failed(conversation(), "agent", 0), *KINDS)
    (call,) = {sound.call for sound in recording.sounds}
    calls = tuple(
        event
        for event in recording.calls
        if event.call != call or event.step not in ("agent_joined", "agent_audio")
    )
    assert judge(replace(recording, calls=calls), Rules()).status is Status.ERROR


def test_without_a_scripted_call_it_is_not_run() -> None:
    """Other scenarios have nothing to recover from."""
    assert judge(replace(conversation(), steps=(), sounds=(), scripted=()), Rules()).status is Status.NOT_RUN
