"""G8."""

from dataclasses import replace

import pytest
from fakes.recordings import GB, MB, Run
from voicegate.judge.disk import judge
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import Rules
from voicegate.record.events import Disk

TENTH = 10 * GB  # of 100 GB
LEFT = Rules().limits.disk_left_bytes
BUDGET = Rules().limits.run_bytes


def judged(before_bytes: int, after_bytes: int) -> Finding:
    """Judge a run with so much free on the report's disk before and after it."""
    return judge(Run(cycles=0, variants=(), free_bytes=(before_bytes, after_bytes)).recording(), Rules())


@pytest.mark.parametrize(("left_bytes", "warns"), [(TENTH - 1, True), (TENTH, False), (TENTH + 1, False)])
def test_nearly_full_disk_warns(left_bytes: int, warns: bool) -> None:
    """Less than a tenth free passes, with a warning."""
    finding = judged(50 * GB, left_bytes)
    assert finding.status is Status.PASS
    assert ("warning" in finding.reason) is warns
    assert bool(finding.advice) is warns


@pytest.mark.parametrize(
    ("left_bytes", "status"),
    [(LEFT + 1, Status.PASS), (LEFT, Status.PASS), (LEFT - 1, Status.FAIL), (0, Status.FAIL)],
)
def test_so_much_must_be_free_in_the_end(left_bytes: int, status: Status) -> None:
    """Whoever took it: the next run has no room."""
    assert judged(100 * MB, left_bytes).status is status


@pytest.mark.parametrize(
    ("written_bytes", "status"),
    [(BUDGET - 1, Status.PASS), (BUDGET, Status.PASS), (BUDGET + 1, Status.FAIL)],
)
def test_the_run_has_a_budget_for_its_folder(written_bytes: int, status: Status) -> None:
    """An agent that fills its log is noticed, however large the disk."""
    finding = judge(Run(cycles=0, variants=(), written_bytes=written_bytes).recording(), Rules())
    assert finding.status is status


@pytest.mark.parametrize(
    ("hours", "written_bytes", "status"),
    [
        (0.5, BUDGET, Status.PASS),
        (1, BUDGET + 1, Status.FAIL),
        (3, 3 * BUDGET, Status.PASS),
        (3, 3 * BUDGET + 1, Status.FAIL),
    ],
)
def test_the_budget_grows_with_the_run(hours: float, written_bytes: int, status: Status) -> None:
    """A soak of 1,000 cycles writes 130 MB in three hours, and may be as long as anybody likes."""
    recording = Run(cycles=0, variants=(), written_bytes=written_bytes).recording()
    first, last = recording.disks
    longer = replace(recording, disks=(first, replace(last, t=first.t + hours * 3600)))
    assert judge(longer, Rules()).status is status


def test_what_others_write_meanwhile_is_not_the_runs() -> None:
    """3.2 GB went from the disk in a run that wrote 4 MB."""
    finding = judged(50 * GB, 47 * GB)
    assert finding.status is Status.PASS
    assert {one.what: one.value for one in finding.measurements}["written into the run's folder"] == 4 * MB


def test_size_of_the_folder_is_owed() -> None:
    """A recording of today that lacks it shows nothing; an older one never had it."""
    recording = Run(cycles=0, variants=()).recording()
    lacking = replace(recording, disks=tuple(replace(disk, written_bytes=None) for disk in recording.disks))
    assert judge(lacking, Rules()).status is Status.ERROR
    old = replace(lacking, header=replace(lacking.header, version=3))
    assert judge(old, Rules()).status is Status.PASS


def test_space_that_grew_meanwhile_passes() -> None:
    """Somebody else may have deleted something."""
    assert judged(20 * GB, 30 * GB).status is Status.PASS


def test_disk_of_the_models_counts_for_the_warning_only() -> None:
    """A full disk of models warns by its path; what the run takes is the report's disk alone."""
    recording = Run(cycles=0, variants=()).recording()
    models = Disk(0.3, "models", "/cache", 1 * GB, 100 * GB)
    finding = judge(replace(recording, disks=(models, *recording.disks)), Rules())
    assert finding.status is Status.PASS
    assert "below /cache" in finding.reason


def test_look_that_fell_into_a_variant_counts() -> None:
    """The last look of a run with variants belongs to the last variant in time."""
    recording = Run(cycles=0, variants=("unshared",)).recording()
    before, after = recording.disks
    variant = replace(recording.variants["unshared"], disks=(after,))
    moved = replace(recording, disks=(before,), variants={"unshared": variant})
    assert judge(moved, Rules()).status is Status.PASS


def test_one_look_is_an_error() -> None:
    """What was not looked at twice took nobody knows how much."""
    recording = Run(cycles=0, variants=()).recording()
    assert judge(replace(recording, disks=recording.disks[:1]), Rules()).status is Status.ERROR


def test_old_recording_is_not_run() -> None:
    """Version 1 did not look at disks."""
    recording = Run(cycles=0, variants=()).recording()
    assert judge(replace(recording, disks=()), Rules()).status is Status.NOT_RUN
    assert judge(replace(recording, disks=(), end=None), Rules()).status is Status.ERROR
