"""G6."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, Run, change_variant, cut_at
from voicegate.judge.finding import Status
from voicegate.judge.forced_collection import judge
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine, Recording

LIMIT = Rules().limits.forced_gc_bytes
GOOD = Run(cycles=0, variants=("forced-gc",)).recording()
VARIANT = GOOD.variants["forced-gc"]
REPORT = VARIANT.log[-1]


def with_log(*lines: LogLine) -> Recording:
    """Make a run in whose variant the monitor wrote these lines."""
    return change_variant(GOOD, "forced-gc", log=(*VARIANT.log[:-1], *lines))


def without_samples(begin_s: float, end_s: float) -> Recording:
    """Leave out the memory samples from `begin_s` to `end_s` after the collection."""
    kept = tuple(one for one in VARIANT.memory if not begin_s <= one.t - REPORT.t < end_s)
    return change_variant(GOOD, "forced-gc", memory=kept)


@pytest.mark.parametrize(
    ("fall_bytes", "status"), [(LIMIT - 1, Status.FAIL), (LIMIT, Status.PASS), (LIMIT + 1, Status.PASS)]
)
def test_fall_limit(fall_bytes: int, status: Status) -> None:
    """The collection must give memory back."""
    assert judge(Run(cycles=0, garbage_bytes=fall_bytes).recording(), Rules()).status is status


def test_fall_within_the_noise_is_an_error() -> None:
    """When memory moves more than it falls, nothing is decided."""
    noisy = Run(cycles=0, garbage_bytes=6 * MB, noise_bytes=lambda number: (number % 3 - 1) * 3 * MB)
    finding = judge(noisy.recording(), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable" in finding.reason


def drifting(recording: Recording, lost_bytes_per_s: float) -> Recording:
    """Let memory fall by itself all through the variant."""
    variant = recording.variants["forced-gc"]
    memory = tuple(
        replace(
            one,
            processes=(
                replace(
                    one.processes[0], pss_bytes=one.processes[0].pss_bytes - int(lost_bytes_per_s * one.t)
                ),
                *one.processes[1:],
            ),
        )
        for one in variant.memory
    )
    return change_variant(recording, "forced-gc", memory=memory)


def test_memory_that_falls_anyway_is_not_given_back() -> None:
    """1.5 MB are lost in every second, before the collection as after it: 8.6 MB between the two windows."""
    run = Run(cycles=0, garbage_bytes=0).recording()
    assert judge(drifting(run, 1.5 * MB), Rules()).status is Status.FAIL
    assert judge(drifting(Run(cycles=0).recording(), 1.5 * MB), Rules()).status is Status.PASS


def test_silent_monitor_fails() -> None:
    """A variant that ran to its end without a forced collection fails."""
    finding = judge(with_log(), Rules())
    assert finding.status is Status.FAIL
    assert "reports that force a collection: 0, must be ≥ 1" in finding.reason
    assert "[log] memory_healthy" in finding.advice


def test_report_that_forces_nothing_fails() -> None:
    """A report in another class is no forced collection."""
    finding = judge(with_log(replace(REPORT, message="Memory usage: 1372.0MB (healthy)")), Rules())
    assert finding.status is Status.FAIL
    assert any("healthy" in line for line in finding.evidence)


@pytest.mark.parametrize("after_s", [-14.0, -5.1])
def test_collection_beside_a_call_is_an_error(after_s: float) -> None:
    """A collection during a call, or less than 3 s after the last one, is not weighed."""
    finding = judge(with_log(replace(REPORT, t=REPORT.t + after_s)), Rules())
    assert finding.status is Status.ERROR
    assert "away from every call" in finding.reason


def test_collection_during_calls_does_not_spoil_the_one_after() -> None:
    """Of two collections the one that no call disturbs is weighed."""
    assert judge(with_log(replace(REPORT, t=REPORT.t - 14), REPORT), Rules()).status is Status.PASS


def test_nothing_left_after_a_collection_during_calls_is_an_error() -> None:
    """What the earlier one took, the later one cannot give back; without the earlier one the same levels fail."""
    recording = Run(cycles=0, garbage_bytes=LIMIT - 1).recording()
    report = recording.variants["forced-gc"].log[-1]
    log = (*recording.variants["forced-gc"].log[:-1], replace(report, t=report.t - 14), report)
    finding = judge(change_variant(recording, "forced-gc", log=log), Rules())
    assert finding.status is Status.ERROR
    assert "an earlier collection" in finding.reason


def test_collection_before_the_first_call_is_not_weighed() -> None:
    """Before anybody called there is nothing to collect."""
    early_t = VARIANT.phases[0].t + 0.1
    assert judge(with_log(replace(REPORT, t=early_t), REPORT), Rules()).status is Status.PASS
    assert judge(with_log(replace(REPORT, t=early_t)), Rules()).status is Status.ERROR


@pytest.mark.parametrize(("begin_s", "end_s"), [(-3.0, 0.0), (2.5, 6.1)])
def test_missing_samples_are_an_error(begin_s: float, end_s: float) -> None:
    """Without samples on both sides there is no fall."""
    finding = judge(without_samples(begin_s, end_s), Rules())
    assert finding.status is Status.ERROR
    assert "fewer than 3 complete memory samples" in finding.reason


def test_act_cut_off_is_an_error() -> None:
    """A variant that did not reach its end accuses nobody."""
    assert judge(cut_at(GOOD, REPORT.t - 1), Rules()).status is Status.ERROR
    assert judge(cut_at(GOOD, REPORT.t + 1), Rules()).status is Status.ERROR


def test_scenario_without_the_variant_is_not_run() -> None:
    """A scenario that has no such variant never meant to measure this."""
    assert judge(replace(GOOD, variants={}), Rules()).status is Status.NOT_RUN


def test_agent_without_memory_reports_is_not_run() -> None:
    """An agent that reports no memory, by configuration, is not judged on it."""
    assert judge(GOOD, Rules(log=LogContract(memory_high=""))).status is Status.NOT_RUN
