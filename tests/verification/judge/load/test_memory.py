"""L4 and L5."""

from dataclasses import replace

import pytest
from fakes.load_recordings import LoadRun
from fakes.recordings import MB
from voicegate.judge.finding import Status
from voicegate.judge.load.memory import per_call, steady_levels, total
from voicegate.judge.registry import Limits, Rules

RULES = Rules(Limits(load_call_bytes=60 * MB, load_total_bytes=700 * MB))


@pytest.mark.parametrize(
    ("call_bytes", "status"),
    [(60 * MB - 1, Status.PASS), (60 * MB, Status.FAIL), (60 * MB + 1, Status.FAIL)],
)
def test_limit_per_call(call_bytes: int, status: Status) -> None:
    """Each step from one number of calls that are up to the next."""
    assert per_call(LoadRun(per_call_bytes=call_bytes).recording(), RULES).status is status


def test_a_dear_crowd_is_not_hidden_by_many_stretches_with_few_calls() -> None:
    """The third call at once costs 400 MB, and there are many levels with none, one and two."""
    recording = LoadRun().recording()
    memory = tuple(
        replace(sample, processes=(replace(main, pss_bytes=main.pss_bytes + 400 * MB),))
        if (main := sample.processes[0]).pss_bytes >= 620 * MB
        else sample
        for sample in recording.memory
    )
    finding = per_call(replace(recording, memory=memory), RULES)
    assert finding.status is Status.FAIL
    assert finding.reason.startswith("from 2 to 3 calls: 440.0 MB per call")
    assert [one.what for one in finding.measurements] == [
        "from 2 to 3 calls",
        "from 0 to 1 call",
        "from 1 to 2 calls",
    ]


@pytest.mark.parametrize(("unseen_s", "status"), [(20.0, Status.PASS), (80.0, Status.ERROR)])
def test_a_run_that_was_hardly_sampled_is_an_error(unseen_s: float, status: Status) -> None:
    """Four fifths of the time in which calls are up must be seen, by both."""
    recording = LoadRun().recording()
    seen = tuple(sample for sample in recording.memory if not 60 < sample.t < 60 + unseen_s)
    for criterion in (per_call, total):
        finding = criterion(replace(recording, memory=seen), RULES)
        assert finding.status is status
        assert ("of the time in which calls were up" in finding.reason) is (status is Status.ERROR)


def test_levels_are_stretches_with_the_same_number_of_calls() -> None:
    """Each is as heavy as its calls, whoever they are."""
    levels = steady_levels(LoadRun().recording(), Limits())
    assert {level.concurrent_calls for level in levels} == {0, 1, 2, 3}
    assert all(level.pss_bytes == 500 * MB + level.concurrent_calls * 40 * MB for level in levels)


def test_what_comes_before_the_first_reply_is_left_out() -> None:
    """Models are loaded then."""
    recording = LoadRun(users=1).recording()
    first = min(turn.reply_end_t for turn in recording.turns if turn.reply_end_t is not None)
    assert min(level.begin_t for level in steady_levels(recording, Limits())) > first


def test_a_number_of_calls_that_changes_all_the_time_gives_no_level() -> None:
    """Memory has not settled when the next caller comes."""
    finding = per_call(LoadRun(users=15, stagger_s=2.0, run_s=60).recording(), RULES)
    assert finding.status is Status.ERROR
    assert "--shape steps" in finding.advice


def test_no_replies_are_an_error() -> None:
    """Nothing was loaded then, perhaps."""
    assert per_call(replace(LoadRun().recording(), turns=()), RULES).status is Status.ERROR


@pytest.mark.parametrize(
    ("base_bytes", "status"),
    [(580 * MB - 1, Status.PASS), (580 * MB, Status.FAIL), (580 * MB + 1, Status.FAIL)],
)
def test_limit_of_the_total(base_bytes: int, status: Status) -> None:
    """The highest sample, with three calls of 40 MB each up."""
    finding = total(LoadRun(base_bytes=base_bytes).recording(), RULES)
    assert finding.status is status
    assert finding.measurements[0].what == "peak, with 3 calls"


def test_no_memory_is_an_error() -> None:
    """Both need samples."""
    recording = replace(LoadRun().recording(), memory=())
    assert {per_call(recording, RULES).status, total(recording, RULES).status} == {Status.ERROR}
