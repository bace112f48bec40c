"""Calls put together from their events."""

from dataclasses import replace

import pytest
from fakes.recordings import Run
from voicegate.judge.criterion import NotMeasured
from voicegate.measure.calls import calls_in_order, lost_events, most_at_once, unanswered
from voicegate.record.events import CallEvent

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


def test_unanswered_calls_are_doubted_with_their_reason() -> None:
    """A call in which no agent came is named with what the caller saw."""
    lonely = tuple(
        replace(event, step="failed", detail="nobody came") if event.step == "hung_up" else event
        for event in GOOD.calls
        if event.call == "call-01" and event.step in ("dialed", "hung_up")
    )
    (doubt,) = unanswered(calls_in_order(replace(GOOD, calls=lonely)))
    assert doubt.reason == "call-01 was not answered by an agent: nobody came"
    assert "see in the agent's log" in doubt.advice
    told = tuple(replace(event, advice="start it") if event.step == "failed" else event for event in lonely)
    assert unanswered(calls_in_order(replace(GOOD, calls=told)))[0].advice == "start it"


def test_no_calls_cannot_be_measured() -> None:
    """A recording without calls says so."""
    with pytest.raises(NotMeasured, match="no calls were recorded"):
        calls_in_order(replace(GOOD, calls=()))


def test_events_of_calls_that_are_missing_are_noticed() -> None:
    """Of a whole run; of one that broke off nobody expects them, and a call of a load run that never came has nothing but a failure."""
    recording = Run(acts=()).recording()
    calls = recording.calls
    of_first = [event for event in calls if event.call == "call-01"]
    for missing, says in (
        (of_first[:1], "calls of which no begin was recorded: 1 (call-01)"),
        (of_first[-1:], "calls of which no end was recorded: 1 (call-01)"),
        (of_first, "19 of 20 calls were recorded"),
    ):
        kept = replace(recording, calls=tuple(event for event in calls if event not in missing))
        assert [doubt.reason for doubt in lost_events(kept)] == [says]
        assert lost_events(replace(kept, end=None)) == ()
    never = CallEvent(9.0, "call-99", "failed", "", "load", "nobody was free", "caller")
    assert lost_events(replace(recording, calls=(*calls, never))) == ()
