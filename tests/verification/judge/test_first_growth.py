"""C4."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, WEIGHTS_BYTES, Run, cut_at, phase_begin, without_phase
from voicegate.judge.finding import Status
from voicegate.judge.first_growth import judge
from voicegate.judge.registry import Rules
from voicegate.record.events import Recording

BASE = 500 * MB
LEAST = WEIGHTS_BYTES * 8 // 10


def grown_by(growth_bytes: int) -> Recording:
    """Make a run whose tree grows by so much over the first call."""
    return Run(levels={"baseline": BASE, "after-first": BASE + growth_bytes}).recording()


@pytest.mark.parametrize(
    ("growth_bytes", "status"),
    [
        (LEAST - 1, Status.FAIL),
        (LEAST, Status.PASS),
        (LEAST + 1, Status.PASS),
        (2000 * MB - 1, Status.PASS),
        (2000 * MB, Status.PASS),
        (2000 * MB + 1, Status.FAIL),
    ],
)
def test_limits(growth_bytes: int, status: Status) -> None:
    """At least 80 % of the weights and at most 2.0 GB, both inclusive."""
    assert judge(grown_by(growth_bytes), Rules()).status is status


def test_growth_around_the_limit_within_the_noise_is_an_error() -> None:
    """When memory still moves across the limit in its windows, nothing is decided."""
    run = Run(
        levels={"baseline": BASE, "after-first": BASE + LEAST},
        noise_bytes=lambda number: (number % 3 - 1) * 5 * MB,
    )
    finding = judge(run.recording(), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable" in finding.reason
    assert finding.advice


def test_unknown_weights_are_an_error() -> None:
    """Without the size of the weights 80 % of them is unknown."""
    finding = judge(Run(weights_bytes=None).recording(), Rules())
    assert finding.status is Status.ERROR
    assert "weights_bytes" in finding.advice


def test_too_much_growth_fails_without_weights_too() -> None:
    """More than 2.0 GB is too much for any weights."""
    run = Run(weights_bytes=None, levels={"baseline": BASE, "after-first": BASE + 2001 * MB})
    assert judge(run.recording(), Rules()).status is Status.FAIL


@pytest.mark.parametrize("phase", ["baseline", "after-first"])
def test_scenario_without_the_phase_is_not_run(phase: str) -> None:
    """A whole scenario that has no such phase never meant to measure this."""
    assert judge(without_phase(Run().recording(), phase), Rules()).status is Status.NOT_RUN


def test_recording_cut_inside_the_phase_is_an_error() -> None:
    """A recording that stops before memory settled does not count."""
    recording = Run().recording()
    cut = cut_at(recording, phase_begin(recording, "after-first") + 2)
    finding = judge(cut, Rules())
    assert finding.status is Status.ERROR
    assert "stops inside phase after-first" in finding.reason


def test_too_few_samples_are_an_error() -> None:
    """Two samples in the settled window are not a level."""
    finding = judge(Run(sample_interval_s=1.6).recording(), Rules())
    assert finding.status is Status.ERROR
    assert "fewer than 3 complete memory samples" in finding.reason
    assert "came late" in finding.advice


def test_samples_that_could_not_be_read_have_another_advice() -> None:
    """They came in time; a quieter machine would not help."""
    recording = Run().recording()
    torn = tuple(replace(one, complete=False) for one in recording.memory)
    assert "smaps_rollup" in judge(replace(recording, memory=torn), Rules()).advice
    assert "smaps_rollup" in judge(replace(recording, memory=()), Rules()).advice


def test_levels_show_three_metrics() -> None:
    """USS and RSS stand beside the PSS that is judged."""
    finding = judge(Run().recording(), Rules())
    assert any("PSS 500.0 MB" in line and "USS" in line and "RSS" in line for line in finding.evidence)


@pytest.mark.parametrize(("grown_bytes", "status"), [(600 * MB, Status.ERROR), (100 * MB, Status.FAIL)])
def test_a_job_that_ends_while_memory_is_measured_is_named(grown_bytes: int, status: Status) -> None:
    """A quieter machine would not help: the job has to end sooner, or later."""
    recording = grown_by(grown_bytes)
    end_t = phase_begin(recording, "second-call")
    main = recording.memory[0].processes[0]
    job = replace(main, pid=900, role="job", pss_bytes=100 * MB)
    memory = tuple(
        replace(one, processes=(*one.processes, job))
        if phase_begin(recording, "first-call") <= one.t < end_t - 1.5
        else one
        for one in recording.memory
    )
    finding = judge(replace(recording, memory=memory), Rules())
    said = "1 job process ended 1.5 s before the end of after-first"
    assert finding.status is status
    if status is Status.ERROR:
        assert said in finding.reason
        assert "a rest waits for them" in finding.advice
        assert "quieter" not in finding.advice
    else:
        assert said in finding.evidence
