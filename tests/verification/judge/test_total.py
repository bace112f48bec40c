"""C7."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, Run, change_turn, cut_at, phase_begin, without_phase
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.judge.total import judge

LIMIT = 3000 * MB


@pytest.mark.parametrize("phase", ["three-at-once", "five-at-once"])
@pytest.mark.parametrize(
    ("peak_bytes", "status"), [(LIMIT - 1, Status.PASS), (LIMIT, Status.FAIL), (LIMIT + 1, Status.FAIL)]
)
def test_limit(phase: str, peak_bytes: int, status: Status) -> None:
    """The peak of each crowded phase stays below 3.0 GB."""
    assert judge(Run(levels={phase: peak_bytes}).recording(), Rules()).status is status


def test_peak_is_the_highest_sample_not_the_settled_level() -> None:
    """A single sample above the limit in the middle of the phase fails."""
    recording = Run().recording()
    at = next(
        number
        for number, sample in enumerate(recording.memory)
        if sample.t > phase_begin(recording, "five-at-once") + 5
    )
    high = recording.memory[at]
    grown = replace(high.processes[1], pss_bytes=LIMIT)
    memory = list(recording.memory)
    memory[at] = replace(high, processes=(high.processes[0], grown))
    assert judge(replace(recording, memory=tuple(memory)), Rules()).status is Status.FAIL


def test_memory_outside_the_crowded_phases_does_not_count() -> None:
    """What the limit is for is three and more calls."""
    assert judge(Run(levels={"quiet": 4000 * MB}).recording(), Rules()).status is Status.PASS


def test_calls_that_do_not_talk_are_an_error() -> None:
    """Five calls of which one heard no reply are not five talking calls."""
    silent = change_turn(Run().recording(), "call-08", reply_start_t=None)
    finding = judge(silent, Rules())
    assert finding.status is Status.ERROR
    assert "4 of 5 calls talked" in finding.reason


def test_calls_one_after_the_other_are_an_error() -> None:
    """Calls that were never up together do not make a crowd."""
    recording = Run().recording()
    begin_t = phase_begin(recording, "three-at-once")
    calls = tuple(
        replace(event, t=begin_t + 3) if event.call == "call-03" and event.step == "hung_up" else event
        for event in recording.calls
    )
    late = tuple(
        replace(event, t=begin_t + 6) if event.call == "call-05" and event.step == "agent_joined" else event
        for event in calls
    )
    finding = judge(replace(recording, calls=late), Rules())
    assert finding.status is Status.ERROR
    assert "at most 2 of 3 calls were up at once" in finding.reason


def test_a_crowd_that_was_hardly_sampled_is_an_error() -> None:
    """Three samples in 15 s would not have seen a peak between them."""
    recording = Run().recording()
    begin_t = phase_begin(recording, "five-at-once")
    rare = tuple(
        one for one in recording.memory if not begin_t <= one.t <= begin_t + 15 or (one.t - begin_t) % 6 < 0.5
    )
    finding = judge(replace(recording, memory=rare), Rules())
    assert finding.status is Status.ERROR
    assert "of five-at-once; needed: 80%" in finding.reason


def test_scenario_without_a_crowd_is_not_run() -> None:
    """A short scenario without three calls at once never meant to measure this."""
    calm = without_phase(without_phase(Run().recording(), "three-at-once"), "five-at-once")
    assert judge(calm, Rules()).status is Status.NOT_RUN


def test_recording_cut_inside_the_crowd_is_an_error() -> None:
    """A recording that stops while five talk does not show their peak."""
    recording = Run().recording()
    finding = judge(cut_at(recording, phase_begin(recording, "five-at-once") + 8), Rules())
    assert finding.status is Status.ERROR


def test_evidence_splits_the_peak_by_role() -> None:
    """The highest sample is shown by the roles of its processes."""
    finding = judge(Run().recording(), Rules())
    assert any("model-host" in line and "job" in line for line in finding.evidence)
