"""Times in which the machine was too busy."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, with_stall, with_usage
from voicegate.judge.registry import Limits
from voicegate.measure.calls import calls_in_order
from voicegate.measure.stalls import (
    Stall,
    explained_s,
    explains_failure,
    is_stalled,
    stalls,
    stalls_by_agent,
    stalls_for_callers,
    without_stalled,
)
from voicegate.record.events import CallerProcessSample, Recording

GOOD = Run().recording()
TURN = next(turn for turn in GOOD.turns if turn.call == "call-04")


def test_steady_sampling_has_no_stalls() -> None:
    """Samples at an even pace show no stall."""
    assert stalls(GOOD, Limits()) == ()
    assert stalls(replace(GOOD, memory=()), Limits()) == ()


def test_late_sample_is_a_stall() -> None:
    """A missing second between two samples is one."""
    (found,) = stalls(with_stall(GOOD, "call-04"), Limits())
    assert found.late_s == pytest.approx(1.0)
    assert found.overlaps(TURN.speech_start_t, TURN.speech_end_t + 1)


def test_sample_that_took_long_is_a_stall() -> None:
    """So is one that came in time and then needed 0.3 s longer than the others."""
    slow = replace(GOOD.memory[20], duration_s=GOOD.memory[20].duration_s + 0.3)
    memory = (*GOOD.memory[:20], slow, *GOOD.memory[21:])
    (found,) = stalls(replace(GOOD, memory=memory), Limits())
    assert found.late_s == pytest.approx(0.3)
    assert found.begin_t == slow.t


@pytest.mark.parametrize(("agent_cores", "excuses"), [(0.3, True), (0.99, True), (1.01, False), (2.0, False)])
def test_a_stall_excuses_only_an_agent_that_did_not_make_it(agent_cores: float, excuses: bool) -> None:
    """Whoever used most of the cores made it; how much the agent used is told."""
    recording = with_usage(with_stall(GOOD, "call-04"), agent_cores)
    found, own = stalls(recording, Limits()), stalls_by_agent(recording, Limits())
    assert bool(found) is excuses
    assert bool(own) is not excuses
    (stall,) = (*found, *own)
    assert stall.agent_cores == pytest.approx(agent_cores)
    assert stall.cores == 2.0


def late_callers(recording: Recording, lag_s: float, process: str = "gate") -> Recording:
    """Let the event loop of the callers be late once, while the first turn of call-04 takes place."""
    notes = [CallerProcessSample(t / 2, process, 1, 0.5, 0.01) for t in range(900)]
    late = [replace(one, lag_s=lag_s) if 0 <= one.t - TURN.speech_end_t < 0.5 else one for one in notes]
    return replace(recording, callers=tuple(late))


def test_callers_who_were_late_excuse_what_they_heard() -> None:
    """They say nothing about the machine, so that the agent's own lines are no less true."""
    recording = late_callers(GOOD, 0.3)
    assert stalls(recording, Limits()) == ()
    (found,) = stalls_for_callers(recording, Limits())
    assert (found.of, found.late_s) == ("callers", 0.3)
    assert found.overlaps(TURN.speech_end_t, TURN.speech_end_t + 0.5)
    assert stalls_for_callers(late_callers(GOOD, 0.19), Limits()) == ()
    assert len(stalls_for_callers(late_callers(GOOD, 0.3, "callers-17"), Limits())) == 1


def test_callers_of_a_load_run_who_did_all_they_can_are_a_stall_of_their_own() -> None:
    """They need not be late for that, and full cores are no matter; the gate's own process does more than calling."""
    notes = [CallerProcessSample(t / 2, "callers-17", 9, 0.95 if t == 80 else 0.5, 0.01) for t in range(900)]
    recording = with_usage(replace(GOOD, callers=tuple(notes)), 1.8)
    (found,) = stalls_for_callers(recording, Limits())
    assert (found.begin_t, found.busy_cores, found.by_agent) == (39.5, 0.95, False)
    own = tuple(replace(note, process="gate") for note in notes)
    assert stalls_for_callers(replace(recording, callers=own), Limits()) == ()


def test_each_process_of_callers_is_late_by_itself() -> None:
    """The time since its own last look, not since that of another one, is in doubt."""
    notes = [
        CallerProcessSample(float(t), f"callers-{t % 2}", 9, 0.5, 0.9 if t == 10 else 0.01) for t in range(20)
    ]
    (found,) = stalls_for_callers(replace(GOOD, callers=tuple(notes)), Limits())
    assert (found.begin_t, found.end_t) == (8.0, 10.0)


@pytest.mark.parametrize(("busy_cores", "excuses"), [(1.7, True), (2.0, False)])
def test_callers_were_late_because_of_the_agent_only_on_full_cores(busy_cores: float, excuses: bool) -> None:
    """Who is late while a core is free is late by himself, whatever the agent does."""
    recording = with_usage(late_callers(GOOD, 0.3), 1.5, busy_cores)
    seldom = replace(recording, processors=recording.processors[::4])
    for looks in (recording, seldom):
        assert bool(stalls_for_callers(looks, Limits())) is excuses


def failing(after_s: float) -> Recording:
    """Let call-04 fail so long after its reply was over."""
    assert TURN.reply_end_t is not None
    failed_t = TURN.reply_end_t + after_s
    events = tuple(
        replace(event, t=failed_t, step="failed", fault="agent")
        if (event.call, event.step) == ("call-04", "hung_up")
        else event
        for event in GOOD.calls
    )
    return replace(GOOD, calls=events)


@pytest.mark.parametrize(
    ("stopped_s", "after_s", "explains"),
    [(1.9, 2.5, False), (2.1, 2.5, True), (2.9, 6.0, False), (3.1, 6.0, True)],
)
def test_a_stall_explains_a_failure_if_it_is_long_and_most_of_the_time_before_it(
    stopped_s: float, after_s: float, explains: bool
) -> None:
    """Two seconds, and half of the time since something last went well; a call that it explains is left out, also where a turn of it went well before."""
    recording = failing(after_s)
    begin_t = (TURN.reply_end_t or 0.0) + 0.1
    stall = Stall(begin_t, begin_t + stopped_s, stopped_s, stopped_s=stopped_s)
    call = next(one for one in calls_in_order(recording) if one.name == "call-04")
    assert explains_failure(call, [stall]) is explains
    kept = without_stalled(recording, [stall])
    assert ("call-04" not in {event.call for event in kept.calls}) is explains
    assert ("call-04" not in {turn.call for turn in kept.turns}) is explains


@pytest.mark.parametrize(
    ("found", "explained"),
    [
        ([], 0.0),
        ([(9.0, 9.9, 0.9)], 0.0),  # over before it began
        ([(9.0, 10.5, 1.0)], 0.5),  # no more of it than there was
        ([(10.5, 12.0, 1.0)], 1.0),
        ([(10.5, 12.0, 0.0)], 0.0),  # took long, and stopped nothing
        ([(13.5, 15.0, 1.5)], 0.5),
        ([(10.0, 13.0, 3.0), (11.0, 14.0, 3.0)], 4.0),  # two that overlap: no more than all of it
    ],
)
def test_a_stretch_is_explained_by_how_long_the_machine_stopped_in_it(
    found: list[tuple[float, float, float]], explained: float
) -> None:
    """From 10 s to 14 s."""
    made = [
        Stall(begin_t, end_t, end_t - begin_t, stopped_s=stopped_s) for begin_t, end_t, stopped_s in found
    ]
    assert explained_s(10.0, 14.0, made) == pytest.approx(explained)


def test_the_time_in_which_callers_could_not_keep_up_counts_once() -> None:
    """Two processes of callers that are late at a time are late once."""
    late = [Stall(begin_t, begin_t + 2.0, 1.0, "callers") for begin_t in (9.0, 10.5, 13.0)]
    assert explained_s(10.0, 14.0, late) == pytest.approx(1.0 + 1.5 + 1.0)


def test_a_turn_without_a_reply_lasts_to_the_end_of_its_call() -> None:
    """A stall at any time until then may be why nothing came; after a reply it is no matter."""
    call = next(one for one in calls_in_order(GOOD) if one.name == "call-04")
    stall = Stall(call.until_t - 0.5, call.until_t - 0.1, 0.4)
    assert not is_stalled(call, TURN, [stall])
    assert is_stalled(call, replace(TURN, reply_end_t=None), [stall])
