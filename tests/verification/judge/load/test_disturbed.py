"""L1 to L3 where the machine stalled, or the callers were late: whose doing a failure was."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from fakes.recordings import with_usage
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Status
from voicegate.judge.load import calls, joins, turns
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import CallerProcessSample, Recording

RULES = Rules(Limits(load_turn_p50_s=1.0, load_turn_p95_s=2.0, load_turn_p99_s=3.0, load_join_s=2.0))
Disturb = Callable[[Recording, float, float], Recording]


def with_failed_end() -> Recording:
    """Let the agent leave the first call after all of its turns."""
    recording = LoadRun().recording()
    events = tuple(
        replace(event, step="failed", detail="the agent left")
        if _ends_first(event.call, event.step)
        else event
        for event in recording.calls
    )
    return replace(recording, calls=events)


def _ends_first(call: str, step: str) -> bool:
    return (call, step) == ("call-0-00", "hung_up")


def stalled_machine(recording: Recording, begin_t: float, end_t: float) -> Recording:
    """Leave out the memory samples of a stretch of time."""
    memory = tuple(sample for sample in recording.memory if not begin_t < sample.t < end_t)
    return replace(recording, memory=memory)


def late_callers(recording: Recording, begin_t: float, end_t: float) -> Recording:
    """Let one process of callers be late in a stretch of time."""
    late = tuple(
        replace(note, lag_s=0.8) if begin_t < note.t <= end_t + 2 else note for note in recording.callers
    )
    return replace(recording, callers=late)


def busy_callers(recording: Recording, begin_t: float, end_t: float) -> Recording:
    """Let a process of callers do all that it can in a stretch of time."""
    busy = [replace(note, cores=0.97) for note in recording.callers if begin_t < note.t <= end_t + 2]
    return replace(recording, callers=(*_without(recording.callers, busy), *busy))


def _without(
    notes: Sequence[CallerProcessSample], others: Sequence[CallerProcessSample]
) -> list[CallerProcessSample]:
    times = {other.t for other in others}
    return [note for note in notes if note.t not in times]


FAILURES = [
    (turns.judge, LoadRun(wait_s=lambda number: 4.0 if number == 0 else 0.5).recording(), 11.5, 13.5),
    (joins.judge, LoadRun(join_s=lambda user: 3.0 if user == 0 else 0.5, run_s=40).recording(), 5.5, 7.5),
    (calls.judge, with_failed_end(), 30.0, 34.5),
]


@pytest.mark.parametrize("disturb", [stalled_machine, late_callers, busy_callers])
@pytest.mark.parametrize(("criterion", "recording", "begin_t", "end_t"), FAILURES, ids=["L2", "L3", "L1"])
def test_what_fails_in_a_stall_alone_is_an_error(
    criterion: Criterion[Limits], recording: Recording, begin_t: float, end_t: float, disturb: Disturb
) -> None:
    """Of the machine or of the callers; the same failure without one, or with one elsewhere, is the agent's."""
    assert criterion(recording, RULES).status is Status.FAIL
    found = criterion(disturb(recording, begin_t, end_t), RULES)
    assert found.status is Status.ERROR
    assert "failed only by what stalls explain" in found.reason
    assert criterion(disturb(recording, 38.0, 41.0), RULES).status is Status.FAIL


@pytest.mark.parametrize("disturb", [stalled_machine, late_callers])
@pytest.mark.parametrize(("criterion", "recording", "begin_t", "end_t"), FAILURES, ids=["L2", "L3", "L1"])
def test_a_stall_that_the_agent_made_is_no_excuse(
    criterion: Criterion[Limits], recording: Recording, begin_t: float, end_t: float, disturb: Disturb
) -> None:
    """An agent that used most of the cores made others late."""
    own = with_usage(disturb(recording, begin_t, end_t), agent_cores=1.8)
    finding = criterion(own, RULES)
    assert finding.status is Status.FAIL
    assert "excused nothing" in finding.reason


def test_an_excuse_tells_whose_and_how_much() -> None:
    """The busiest of the processes of callers counts, and only where callers were late are fewer in each of them advised."""
    recording, begin_t, end_t = FAILURES[0][1:]
    busy = busy_callers(recording, begin_t, end_t)
    first = next(note for note in busy.callers if note.cores == 0.97)
    busier = tuple(replace(note, cores=0.99) if note is first else note for note in busy.callers)
    found = turns.judge(replace(busy, callers=busier), RULES)
    assert "used up to 0.99" in found.reason
    assert "fewer callers in each process" in found.advice
    assert "fewer callers" not in turns.judge(stalled_machine(recording, begin_t, end_t), RULES).advice


def test_a_stall_explains_no_more_than_its_own_length() -> None:
    """A reply that came 9 s late did not come late because of a stall of 2 s, nor did half a second break a call."""
    slow = LoadRun(wait_s=lambda number: 9.0 if number == 0 else 0.5).recording()
    assert turns.judge(stalled_machine(slow, 11.5, 13.5), RULES).status is Status.FAIL
    assert calls.judge(stalled_machine(with_failed_end(), 33.0, 35.0), RULES).status is Status.FAIL
