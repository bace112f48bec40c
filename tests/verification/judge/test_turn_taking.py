"""Agents that are broken in one way of taking turns: each fails exactly its criterion, of all that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from fakes.conversations import (
    DISTURBANCE,
    INTERRUPTION,
    KINDS,
    PAUSE,
    PAUSE_AT_S,
    PAUSE_S,
    QUIET,
    SAID_S,
    TURN,
    conversation,
    failed,
    planned,
)
from fakes.recordings import Run, change_turn, with_stall
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Fault, Recording

Heard = Mapping[int, Sequence[tuple[float, float]]]

ANSWER = (SAID_S + 0.5, SAID_S + 3.0)
LATER = (ANSWER[0] + PAUSE_S, ANSWER[1] + PAUSE_S)
NEVER_STOPS: Heard = {INTERRUPTION: [(0.0, 2.1), ANSWER]}
STOPS_AT_COUGHS: Heard = {DISTURBANCE: [(0.0, 0.4)]}
ANSWERS_NOISE: Heard = {QUIET + 1: [(1.5, 3.0)]}
CUTS_INTO_PAUSES: Heard = {PAUSE: [(PAUSE_AT_S + 0.3, PAUSE_AT_S + 0.6), LATER]}
ANSWERS_TWICE: Heard = {PAUSE: [LATER, (LATER[1] + 1.1, LATER[1] + 1.8)]}
TURNS = ("T2-barge-in", "T3-keeps-talking", "T4-waits", "T5-quiet", "T7-recovers", "T8-as-scripted")


def broken_after_an_interruption() -> Recording:
    """Let the turn after the interruption get no reply."""
    return conversation(heard={INTERRUPTION + 1: []}, replies={INTERRUPTION + 1: ""})


def dead_air() -> Recording:
    """Let one answer of many come late."""
    recording = Run(cycles=20).recording()
    first = recording.turns[0]
    return change_turn(recording, first.call, latency_s=4.5, reply_start_t=first.speech_end_t + 4.5)


@pytest.mark.parametrize(
    ("recording", "fails"),
    [
        pytest.param(conversation(), set(), id="healthy"),
        pytest.param(conversation(NEVER_STOPS), {"T2-barge-in"}, id="never stops"),
        pytest.param(
            conversation(STOPS_AT_COUGHS, {DISTURBANCE - 1: "thank you"}),
            {"T3-keeps-talking"},
            id="stops at every cough",
        ),
        pytest.param(conversation(CUTS_INTO_PAUSES), {"T4-waits"}, id="cuts into pauses"),
        pytest.param(conversation(ANSWERS_TWICE), {"T4-waits"}, id="double answers"),
        pytest.param(
            conversation(replies={TURN: "one moment please"}),
            {"T7-recovers"},
            id="filler passes for the answer",
        ),
        pytest.param(conversation(ANSWERS_NOISE), {"T5-quiet"}, id="answers noise"),
        pytest.param(dead_air(), {"T6-no-dead-air"}, id="dead air"),
        pytest.param(broken_after_an_interruption(), {"T7-recovers"}, id="broken after an interruption"),
    ],
)
def test_each_is_caught_by_its_criterion(recording: Recording, fails: set[str]) -> None:
    """And by no other."""
    findings = [criterion(recording, Rules()) for criterion in CRITERIA]
    assert {one.id for one in findings if one.status is Status.FAIL} == fails
    assert not [one.long() for one in findings if one.status is Status.ERROR]


def statuses(recording: Recording) -> dict[str, Status]:
    """Judge turn-taking in scripted calls."""
    return {one.id: one(recording, Rules()).status for one in CRITERIA if one.id in TURNS}


@pytest.mark.parametrize("fault", ["server", "caller"])
def test_a_script_that_others_broke_off_accuses_nobody(fault: Fault) -> None:
    """Whatever was not played is an error, and so is what was."""
    recording = planned(failed(conversation(), fault, steps=5), *KINDS)
    assert set(statuses(recording).values()) == {Status.ERROR}


def test_steps_that_were_planned_and_not_played_are_errors() -> None:
    """No criterion passes on some of the steps that it was to see; it fails on those that there are."""
    assert set(statuses(planned(conversation(), *KINDS)).values()) == {Status.PASS}
    assert set(statuses(planned(conversation(), *KINDS, *KINDS)).values()) == {Status.ERROR}
    assert statuses(planned(conversation(NEVER_STOPS), *KINDS, *KINDS))["T2-barge-in"] is Status.FAIL


def test_steps_that_no_script_has_are_not_run() -> None:
    """A script of one's own need not have them all."""
    silent = replace(conversation(), steps=(), sounds=(), scripted=())
    assert set(statuses(planned(silent, "turn")).values()) == {Status.NOT_RUN, Status.ERROR}
    assert statuses(planned(silent, "turn"))["T7-recovers"] is Status.ERROR


@pytest.mark.parametrize(("heard", "index"), [(NEVER_STOPS, INTERRUPTION), (ANSWERS_NOISE, QUIET + 1)])
def test_what_the_machine_did_is_no_failure(heard: Heard, index: int) -> None:
    """Where the gate itself was held up, a step says nothing."""
    recording = conversation(heard)
    step = recording.steps[index]
    stalled = tuple(one for one in recording.memory if not step.t <= one.t <= step.t + 2)
    found = statuses(replace(recording, memory=stalled))
    assert Status.FAIL not in found.values()
    assert Status.ERROR in found.values()


@pytest.mark.parametrize("calls", ["alone", "among others"])
def test_a_stall_far_from_a_step_does_not_excuse_it(calls: str) -> None:
    """It held up the plain turn that the call began with; the steps are judged as they were."""
    recording = conversation(NEVER_STOPS)
    (sound,) = recording.sounds
    stalled = with_stall(recording, sound.call)
    if calls == "alone":
        events = tuple(event for event in recording.calls if event.call == sound.call)
        turns = tuple(turn for turn in recording.turns if turn.call == sound.call)
        stalled = replace(stalled, calls=events, turns=turns)
    assert [name for name, one in statuses(stalled).items() if one is Status.FAIL] == ["T2-barge-in"]
