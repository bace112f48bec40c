"""Calls put together from their events."""

from dataclasses import replace

import pytest
from fakes.recordings import Run
from voicegate.judge.criterion import Caveat, NotMeasured
from voicegate.measure.calls import (
    calls_in_order,
    check_first_call,
    lost_events,
    most_at_once,
    unanswered,
    why_failed,
)
from voicegate.record.events import CallEvent, Recording
from voicegate.record.old_versions import upgraded

GOOD = Run().recording()


def test_calls_come_in_the_order_they_were_dialed() -> None:
    """Each call has its times, its room, its phase and its turns."""
    calls = calls_in_order(GOOD)
    assert [call.name for call in calls] == [f"call-{number:02d}" for number in range(1, 21)]
    assert calls[0].phase == "first-call"
    assert calls[0].room == "room-01"
    assert calls[0].is_over
    assert len(calls[0].turns) == 1


def test_most_at_once_counts_overlapping_calls() -> None:
    """Five calls of a phase that overlap are five at once."""
    assert most_at_once(calls_in_order(GOOD)) == 5
    assert most_at_once(()) == 0


def test_unanswered_calls_are_a_caveat_with_their_reason() -> None:
    """A call in which no agent came is named with what the caller saw."""
    lonely = tuple(
        replace(event, step="failed", detail="nobody came") if event.step == "hung_up" else event
        for event in GOOD.calls
        if event.call == "call-01" and event.step in ("dialed", "hung_up")
    )
    (caveat,) = unanswered(calls_in_order(replace(GOOD, calls=lonely)))
    assert caveat.reason == "call-01 was not answered by an agent: nobody came"
    assert "see in the agent's log" in caveat.advice
    told = tuple(replace(event, advice="start it") if event.step == "failed" else event for event in lonely)
    assert unanswered(calls_in_order(replace(GOOD, calls=told)))[0].advice == "start it"


def left_by_agent(before_s: float, **turn: bool) -> Recording:
    """Make a run whose first call the agent leaves so many seconds before its caller hangs up; `turn` changes what was said."""
    (gone,) = [event for event in GOOD.calls if (event.call, event.step) == ("call-01", "hung_up")]
    left = replace(gone, t=gone.t - before_s, step="agent_left", detail="agent-1")
    turns = (replace(GOOD.turns[0], **turn), *GOOD.turns[1:])  # type: ignore[arg-type]
    return replace(GOOD, calls=(*GOOD.calls, left), turns=turns)


def test_a_call_that_the_agent_leaves_early_has_failed() -> None:
    """It is the agent's doing, and whatever was said before counts."""
    call = calls_in_order(left_by_agent(4.0))[0]
    assert call.failure == "the agent left the call 4.0 s before its caller hung up"
    assert (call.fault, call.cut_short, len(call.turns)) == ("agent", True, 1)


def test_an_agent_may_leave_after_its_caller_or_after_a_goodbye() -> None:
    """In the same moment, or later, or when the caller has said goodbye, in a scripted turn or another."""
    scripted = replace(GOOD.turns[0], scripted=True, goodbye=True, index=1)
    farewell = replace(left_by_agent(4.0), scripted=(scripted,))
    for recording in (left_by_agent(0.0), left_by_agent(-1.0), left_by_agent(4.0, goodbye=True), farewell):
        call = calls_in_order(recording)[0]
        assert (call.failure, call.fault) == (None, None)


def test_a_goodbye_that_comes_too_late_excuses_nothing() -> None:
    """The agent had gone before it was said."""
    early = left_by_agent(4.0)
    late = replace(early.turns[0], goodbye=True, speech_start_t=early.calls[-1].t + 1)
    assert calls_in_order(replace(early, turns=(late, *early.turns[1:])))[0].fault == "agent"


def test_what_the_caller_saw_goes_before() -> None:
    """A call that was broken off with the run, and one that nobody hung up, were not left by the agent."""
    early = left_by_agent(4.0)
    broken = replace(early.calls[-1], step="failed", t=early.calls[-1].t + 1, fault="run")
    assert calls_in_order(replace(early, calls=(*early.calls, broken)))[0].fault == "run"
    endless = tuple(event for event in early.calls if (event.call, event.step) != ("call-01", "hung_up"))
    assert calls_in_order(replace(early, calls=endless))[0].failure is None


def test_no_calls_cannot_be_measured() -> None:
    """A recording without calls says so."""
    with pytest.raises(NotMeasured, match="no calls were recorded"):
        calls_in_order(replace(GOOD, calls=()))


def test_events_of_calls_that_are_missing_are_noticed() -> None:
    """Of a whole run; of one that broke off nobody expects them, and a call of a load run that never came has nothing but a failure."""
    recording = Run(variants=()).recording()
    calls = recording.calls
    of_first = [event for event in calls if event.call == "call-01"]
    for missing, says in (
        (of_first[:1], "calls of which no begin was recorded: 1 (call-01)"),
        (of_first[-1:], "calls of which no end was recorded: 1 (call-01)"),
        (of_first, "19 of 20 calls were recorded"),
    ):
        kept = replace(recording, calls=tuple(event for event in calls if event not in missing))
        assert [caveat.reason for caveat in lost_events(kept)] == [says]
        assert lost_events(replace(kept, end=None)) == ()
    never = CallEvent(9.0, "call-99", "failed", "", "load", "nobody was free", "caller")
    assert lost_events(replace(recording, calls=(*calls, never))) == ()


def test_older_recordings_say_later_when_a_caller_left_and_nothing_of_goodbyes() -> None:
    """A second is no leaving early there, and the gate's own goodbye is known by its words."""
    header = replace(GOOD.header, version=8)
    for before_s, fault in ((0.5, None), (4.0, "agent")):
        assert calls_in_order(replace(left_by_agent(before_s), header=header))[0].fault == fault
    farewell = replace(GOOD.turns[0], said_text="thank you goodbye")
    assert upgraded(farewell, 8) == replace(farewell, goodbye=True)
    assert upgraded(farewell, 9) == farewell


def without_agent(recording: Recording, *names: str) -> Recording:
    """Let nobody answer these calls."""
    others = tuple(event for event in recording.calls if event.call not in names)
    lonely = tuple(event for event in recording.calls if event.call in names)
    failed = tuple(
        replace(event, step="failed", detail="nobody came") if event.step == "hung_up" else event
        for event in lonely
        if event.step in ("dialed", "joined", "hung_up")
    )
    return replace(recording, calls=(*others, *failed))


def test_one_of_several_first_callers_who_is_answered_is_enough() -> None:
    """What comes later is held against the level after that."""
    together = tuple(
        replace(event, phase="first-call") if event.call == "call-02" else event for event in GOOD.calls
    )
    both = replace(GOOD, calls=together)
    check_first_call(without_agent(both, "call-01"))
    with pytest.raises(NotMeasured, match="nobody answered the first call: call-01 was not answered"):
        check_first_call(without_agent(both, "call-01", "call-02"))


def test_the_most_frequent_failure_is_told_with_how_often_it_was() -> None:
    """Of those that failed, and not of those that went well."""
    assert why_failed(calls_in_order(GOOD)) is None
    assert why_failed(calls_in_order(without_agent(GOOD, "call-01"))) == Caveat("nobody came", "")
    several = without_agent(GOOD, "call-01", "call-03", "call-05")
    other = replace(
        several,
        calls=tuple(
            replace(event, detail="it hung") if (event.call, event.step) == ("call-05", "failed") else event
            for event in several.calls
        ),
    )
    assert why_failed(calls_in_order(other)) == Caveat("nobody came (2 of the 3)", "")
