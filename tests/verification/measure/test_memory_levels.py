"""Settled memory levels."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, Run
from voicegate.judge.registry import Limits
from voicegate.measure.memory_levels import level_of, samples_between, settled_level, tree_pss
from voicegate.measure.phases import finished_span

GOOD = Run().recording()


def test_level_is_the_median_of_the_end_of_the_phase() -> None:
    """Only the last three seconds count, and the median is not moved by one sample."""
    spiky = Run(noise_bytes=lambda number: 500 * MB if number == 8 else 0).recording()
    level = settled_level(spiky, "baseline", Limits())
    assert level.pss_bytes == 500 * MB
    assert level.spread_bytes == 500 * MB
    assert (level.samples, level.window_s) == (6, 3.0)


def test_samples_that_reach_over_the_end_do_not_count() -> None:
    """A sample that was still being taken when the phase ended belongs to neither phase."""
    span = finished_span(GOOD, "baseline")
    assert span.end_t is not None
    slow = tuple(replace(sample, duration_s=1.0) for sample in GOOD.memory)
    taken = samples_between(replace(GOOD, memory=slow), span.begin_t, span.end_t)
    assert max(sample.t for sample in taken) <= span.end_t - 1.0


def test_shared_pages_count_once() -> None:
    """The tree's memory is the sum of PSS, not of RSS."""
    assert tree_pss(GOOD.memory[0]) == 500 * MB


@pytest.mark.parametrize(("there", "found"), [(2, False), (3, True), (4, True)])
def test_samples_needed(there: int, found: bool) -> None:
    """A window with fewer samples than three has no level."""
    span = finished_span(GOOD, "baseline")
    assert span.end_t is not None
    inside = samples_between(GOOD, span.end_t - Limits().settled_window_s, span.end_t)
    level = level_of(replace(GOOD, memory=tuple(inside[:there])), span, Limits())
    assert (level is not None) is found


def test_processes_that_come_and_go_in_the_window_are_named() -> None:
    """With how long before its end; those outside the window are not."""
    span = finished_span(GOOD, "after-first")
    assert span.end_t is not None
    went_t, came_t = span.end_t - 2.0, span.end_t - 1.0
    job = replace(GOOD.memory[0].processes[0], pid=900, role="job")
    memory = tuple(
        replace(one, processes=(*one.processes, job, replace(job, pid=901)))
        if one.t < went_t
        else replace(one, processes=(*one.processes, replace(job, pid=902, role="other")))
        if one.t >= came_t
        else one
        for one in GOOD.memory
    )
    level = level_of(replace(GOOD, memory=memory), span, Limits())
    assert level is not None
    assert level.restless == (
        "2 job processes ended 2.0 s before the end of after-first",
        "1 other process began 1.0 s before the end of after-first",
    )
    assert settled_level(GOOD, "after-first", Limits()).restless == ()
