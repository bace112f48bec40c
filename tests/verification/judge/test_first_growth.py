"""C4."""

from dataclasses import replace

import pytest
from fakes.edits import with_usage
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


def with_job(recording: Recording, job_bytes: int) -> Recording:
    """Give the first call a job of so many bytes, which ends with the rest that follows."""
    main = recording.memory[0].processes[0]
    job = replace(main, pid=900, role="job", pss_bytes=job_bytes)
    begin_t, end_t = (phase_begin(recording, name) for name in ("first-call", "second-call"))
    memory = tuple(
        replace(one, processes=(*one.processes, job)) if begin_t <= one.t < end_t else one
        for one in recording.memory
    )
    return replace(recording, memory=memory)


def test_what_a_job_imports_is_no_weights() -> None:
    """A stock agent's job outlives its call; its imports alone would pass as 80 % of the weights."""
    finding = judge(with_job(Run(loaded_bytes=0).recording(), 700 * MB), Rules())
    assert finding.status is Status.FAIL
    assert "growth over the first call: 0 B" in finding.reason
    said = "a job outlived the first call: 3 processes in after-first, 2 in after-second, 700.0 MB less"
    assert said in finding.evidence


@pytest.mark.parametrize(("loaded_bytes", "status"), [(1990 * MB, Status.PASS), (2010 * MB, Status.FAIL)])
def test_a_job_that_outlives_its_call_costs_the_models_nothing(loaded_bytes: int, status: Status) -> None:
    """What is loaded for good is held against 2.0 GB, without the imports of a job."""
    recording = Run(loaded_bytes=loaded_bytes, weights_bytes=1500 * MB).recording()
    assert judge(with_job(recording, 700 * MB), Rules()).status is status


def test_models_that_end_with_their_job_were_not_loaded_for_good() -> None:
    """As after the first call of an agent that loads its models in every job."""
    recording = with_job(Run(loaded_bytes=0).recording(), WEIGHTS_BYTES + 100 * MB)
    assert judge(recording, Rules()).status is Status.FAIL


def test_memory_that_is_given_back_while_nothing_ends_counts() -> None:
    """Only the end of a process shows that memory was a job's."""
    run = Run(levels={"baseline": BASE, "after-first": BASE + 4000 * MB}, loaded_bytes=WEIGHTS_BYTES)
    assert judge(run.recording(), Rules()).status is Status.FAIL


@pytest.mark.parametrize(
    ("growth_bytes", "status"),
    [
        (-1 * MB, Status.FAIL),
        (8 * MB - 1, Status.FAIL),
        (8 * MB, Status.PASS),
        (30 * MB, Status.PASS),
        (30 * MB + 1, Status.ERROR),
        (2001 * MB, Status.FAIL),
    ],
)
def test_models_too_small_to_be_seen_are_an_error(growth_bytes: int, status: Status) -> None:
    """More than three times 10 MB would pass without them; less than 8 MB fails all the same."""
    levels = {"baseline": BASE, "after-first": BASE + growth_bytes}
    finding = judge(Run(weights_bytes=10 * MB, levels=levels).recording(), Rules())
    assert finding.status is status, finding.long()
    if status is Status.ERROR:
        assert "the models (10.0 MB) are too small to be seen" in finding.reason
        assert "turn C4 off" in finding.advice


@pytest.mark.parametrize(("moved_bytes", "status"), [(8 * MB - 2, Status.PASS), (8 * MB, Status.ERROR)])
def test_models_too_small_for_the_noise_are_an_error(moved_bytes: int, status: Status) -> None:
    """80 % of 10 MB is nothing that could be missed where memory moves by as much while nobody calls."""
    run = Run(
        weights_bytes=10 * MB,
        levels={"baseline": BASE, "after-first": BASE + 20 * MB},
        noise_bytes=lambda number: (number % 3 - 1) * moved_bytes // 2,
    )
    finding = judge(run.recording(), Rules())
    assert finding.status is status, finding.long()
    assert status is Status.PASS or "memory that moves by 8.0 MB while nobody calls" in finding.reason


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


@pytest.mark.parametrize(
    ("agent_cores", "said"), [(1.9, "the agent itself used 1.9 of 2 cores"), (0.3, "less other work")]
)
def test_samples_that_came_late_blame_who_was_busy(agent_cores: float, said: str) -> None:
    """A quieter machine does not help an agent that takes all of it."""
    late = with_usage(Run(sample_interval_s=1.6).recording(), agent_cores=agent_cores, busy_cores=2.0)
    advice = judge(late, Rules()).advice
    assert said in advice
    assert ("less other work" in advice) is (said == "less other work")


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
