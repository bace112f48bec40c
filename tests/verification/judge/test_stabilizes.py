"""C6."""

from dataclasses import replace

import pytest
from fakes.recordings import MB, WEIGHTS_BYTES, Run, cut_at, phase_begin
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.judge.stabilizes import judge, undecided
from voicegate.measure.phases import spans
from voicegate.record.events import Recording

LIMIT = 1 * MB
LOADED = 500 * MB + WEIGHTS_BYTES


@pytest.mark.parametrize(
    ("growth_bytes", "status"), [(LIMIT - 1, Status.PASS), (LIMIT, Status.FAIL), (LIMIT + 1, Status.FAIL)]
)
def test_growth_limit(growth_bytes: int, status: Status) -> None:
    """Steady growth from 1 MB per cycle fails."""
    assert judge(Run(leak_bytes=growth_bytes).recording(), Rules()).status is status


def test_leak_of_five_megabytes_per_call_fails() -> None:
    """Audio kept by every call, 5 MB each, fails."""
    finding = judge(Run(leak_bytes=5 * MB).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "growth per cycle: 5.0 MB per cycle" in finding.reason


def test_one_outlier_does_not_fail() -> None:
    """One cycle after which memory had not come down yet is no trend."""
    finding = judge(Run(levels={"after-cycle-09": LOADED + 60 * MB}).recording(), Rules())
    assert finding.status is Status.PASS, finding.long()


def test_one_jump_does_not_fail() -> None:
    """A heap that grows once in the middle and stays there does not keep growing."""
    levels = {f"after-cycle-{at:02d}": LOADED + 20 * MB + at * 1000 for at in range(5, 11)}
    finding = judge(Run(levels={**levels, "quiet": LOADED + 20 * MB}).recording(), Rules())
    assert finding.status is Status.PASS, finding.long()
    assert finding.measurements[0].what == "growth per cycle, without its largest single rise"
    assert finding.measurements[0].value_text == "667 B per cycle"


def test_leak_at_every_fourth_call_fails() -> None:
    """The typical step is 0, and memory grows all the same: 19 MB at every fourth call are 4.8 MB per cycle."""
    levels = {f"after-cycle-{at:02d}": LOADED + 19 * MB * (at // 4) for at in range(1, 21)}
    finding = judge(Run(cycles=20, levels={**levels, "quiet": LOADED + 95 * MB}).recording(), Rules())
    assert finding.status is Status.FAIL
    assert "growth per cycle: 4.8 MB per cycle" in finding.reason


@pytest.mark.parametrize(
    ("leak_bytes", "status"), [(LIMIT - 1, Status.PASS), (LIMIT, Status.FAIL), (LIMIT + 1, Status.FAIL)]
)
def test_leak_that_begins_late_fails(leak_bytes: int, status: Status) -> None:
    """Only the last seven of 20 calls leak: little over all cycles, and growth of as much as ever in the last third."""
    levels = {f"after-cycle-{at:02d}": LOADED + leak_bytes * max(0, at - 13) for at in range(1, 21)}
    finding = judge(Run(cycles=20, levels={**levels, "quiet": LOADED + 7 * leak_bytes}).recording(), Rules())
    assert finding.status is status
    if status is Status.FAIL:
        assert "growth per cycle in the last third" in finding.reason


@pytest.mark.parametrize(("unread", "status"), [((20,), Status.FAIL), ((17, 20), Status.ERROR)])
def test_late_leak_is_not_hidden_by_levels_that_are_not_known(
    unread: tuple[int, ...], status: Status
) -> None:
    """One unknown level of seven leaves enough to see it; with two nothing passes."""
    levels = {f"after-cycle-{at:02d}": LOADED + 8 * MB * max(0, at - 13) for at in range(1, 21)}
    recording = Run(cycles=20, levels={**levels, "quiet": LOADED + 56 * MB}).recording()
    names = [f"after-cycle-{at:02d}" for at in unread]
    blind = [span for span in spans(recording) if span.name in names]
    memory = tuple(one for one in recording.memory if not any(span.has(one.t) for span in blind))
    assert judge(replace(recording, memory=memory), Rules()).status is status


def test_late_jump_is_no_late_leak() -> None:
    """A heap that grows once in the last third does not keep growing."""
    levels = {f"after-cycle-{at:02d}": LOADED + 20 * MB + at * 1000 for at in range(17, 21)}
    finding = judge(Run(cycles=20, levels={**levels, "quiet": LOADED + 20 * MB}).recording(), Rules())
    assert finding.status is Status.PASS, finding.long()


def test_jump_does_not_excuse_a_leak() -> None:
    """Without the jump there is still 2 MB per cycle."""
    levels = {
        f"after-cycle-{at:02d}": LOADED + 2 * MB * at + (20 * MB if at > 10 else 0) for at in range(1, 21)
    }
    finding = judge(Run(cycles=20, levels={**levels, "quiet": LOADED + 60 * MB}).recording(), Rules())
    assert finding.status is Status.FAIL


def test_noise_does_not_fail() -> None:
    """Levels that go up and down by chance do not grow."""
    offsets = (0, 8, -6, 4, -8, 7, -4, 8, -8, 6)
    levels = {f"after-cycle-{at:02d}": LOADED + offset * MB for at, offset in enumerate(offsets, 1)}
    assert judge(Run(levels=levels).recording(), Rules()).status is Status.PASS


def two_jumps() -> Recording:
    """Make a run with the levels of a healthy model host on a busy machine."""
    megabytes = (342.8, 342.2, 341.9, 354.4, 349.4, 349.6, 349.8, 350.7, 349.8, 360.5, 360.0)
    names = ("after-all", *(f"after-cycle-{at:02d}" for at in range(1, 11)))
    levels = {name: LOADED + round((one - 342.8) * MB) for name, one in zip(names, megabytes, strict=True)}
    return Run(levels={**levels, "quiet": levels["after-cycle-10"]}).recording()


def test_two_jumps_are_an_error() -> None:
    """Growth lies on both sides of the limit."""
    finding = judge(two_jumps(), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable to decide" in finding.reason


def test_only_growth_that_is_not_certain_asks_for_more_cycles() -> None:
    """In a recording that goes on; not where it is left out, cannot be measured, or is decided."""
    so_far = cut_at(two_jumps(), phase_begin(two_jumps(), "quiet") + 0.001)
    assert undecided(so_far, Rules())
    assert not undecided(so_far, Rules(disabled={judge.id: "off"}))
    assert not undecided(cut_at(so_far, phase_begin(so_far, "cycle-03")), Rules())
    for leak_bytes in (0, 5 * MB):
        decided = Run(leak_bytes=leak_bytes).recording()
        assert not undecided(cut_at(decided, phase_begin(decided, "quiet") + 0.001), Rules())


def test_growth_that_is_certain_in_the_end_asks_for_no_more_cycles() -> None:
    """It has failed, whatever all cycles together say; a plateau after it must not make that good."""
    levels = {f"after-cycle-{at:02d}": LOADED + max(0, at - 13) * 10 * MB for at in range(1, 21)}
    recording = Run(levels={**levels, "quiet": LOADED + 70 * MB}, cycles=20).recording()
    growth, late, _ = judge(recording, Rules()).measurements
    assert (growth.status, late.status) == (Status.ERROR, Status.FAIL)
    assert not undecided(recording, Rules())


def test_leak_shows_through_noise() -> None:
    """The same noise does not hide 5 MB per cycle."""
    offsets = (0, 8, -6, 4, -8, 7, -4, 8, -8, 6)
    levels = {
        f"after-cycle-{at:02d}": LOADED + (offset + 5 * at) * MB for at, offset in enumerate(offsets, 1)
    }
    assert judge(Run(levels=levels).recording(), Rules()).status is Status.FAIL


def test_growth_during_warm_up_does_not_fail() -> None:
    """Caches that fill in cycles that are set to be warm-up are no trend."""
    levels = {f"after-cycle-{at:02d}": LOADED - (4 - at) * 15 * MB for at in range(1, 4)}
    recording = Run(levels={"after-all": LOADED - 60 * MB, **levels}).recording()
    assert judge(recording, Rules(limits=Limits(cycles_warm_up=3))).status is Status.PASS


def test_noise_that_could_hide_a_leak_is_an_error() -> None:
    """An interval that holds both no growth and a leak of 5 MB per cycle decides nothing."""
    offsets = (0, 40, -35, 20, -40, 35, -20, 40, -40, 30)
    levels = {f"after-cycle-{at:02d}": LOADED + 40 * MB + offset * MB for at, offset in enumerate(offsets, 1)}
    finding = judge(Run(levels=levels).recording(), Rules())
    assert finding.status is Status.ERROR
    assert "too unstable" in finding.reason


def test_falling_memory_passes() -> None:
    """Memory that shrinks does not grow."""
    levels = {f"after-cycle-{at:02d}": LOADED - at * 2 * MB for at in range(1, 11)}
    assert judge(Run(levels=levels).recording(), Rules()).status is Status.PASS


@pytest.mark.parametrize(
    ("above_bytes", "status"),
    [(100 * MB - 1, Status.PASS), (100 * MB, Status.PASS), (100 * MB + 1, Status.FAIL)],
)
def test_return_limit(above_bytes: int, status: Status) -> None:
    """In the end memory is back within 100 MB of its level after the first call."""
    assert judge(Run(levels={"quiet": LOADED + above_bytes}).recording(), Rules()).status is status


def test_scenario_without_cycles_is_not_run() -> None:
    """A whole scenario without cycles never meant to measure a trend."""
    assert judge(Run(cycles=0).recording(), Rules()).status is Status.NOT_RUN


def test_too_few_cycles_are_an_error() -> None:
    """Five cycles are one too few; six are enough."""
    assert judge(Run(cycles=5).recording(), Rules()).status is Status.ERROR
    assert judge(Run(cycles=6).recording(), Rules()).status is Status.PASS


def test_recording_cut_among_the_cycles_is_an_error() -> None:
    """A run that stops in the fourth cycle shows no trend."""
    recording = Run().recording()
    assert judge(cut_at(recording, phase_begin(recording, "cycle-04")), Rules()).status is Status.ERROR


def test_limits_can_be_set() -> None:
    """A stricter limit fails what the default passes."""
    limits = Limits(cycle_growth_bytes=100_000)
    assert judge(Run(leak_bytes=200_000).recording(), Rules(limits=limits)).status is Status.FAIL
