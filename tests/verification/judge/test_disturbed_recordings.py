"""Clocks that jump, samples that go missing and processes that cannot be read: nobody is accused by them."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.recordings import Run, cut_at, last_t_of, phase_begin
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Limits, Rules
from voicegate.record.events import Phase, Recording
from voicegate.record.recording import read_recording
from voicegate.testing import write_recording

GOOD = Run(conversation=True).recording()
RESTS = ("after-first", "after-cycle-04", "quiet")
every_criterion = pytest.mark.parametrize("criterion", CRITERIA, ids=lambda one: str(one.id))


def without_samples(recording: Recording, begin_t: float, end_t: float) -> Recording:
    """Leave a gap in the memory samples."""
    return replace(recording, memory=tuple(one for one in recording.memory if not begin_t <= one.t < end_t))


def shifted(recording: Recording, from_t: float, by_s: float) -> Recording:
    """Let the clock of the memory samples jump, once and for good."""
    memory = tuple(replace(one, t=one.t + by_s) if one.t >= from_t else one for one in recording.memory)
    return replace(recording, memory=tuple(sorted(memory, key=lambda one: one.t)))


def ends_before_it_begins(recording: Recording, name: str) -> Recording:
    """Let a phase end two seconds before it begins."""

    def edit(phase: Phase) -> Phase:
        is_end = phase.name == name and phase.edge == "end"
        return replace(phase, t=phase_begin(recording, name) - 2) if is_end else phase

    return replace(recording, phases=tuple(sorted(map(edit, recording.phases), key=lambda one: one.t)))


def one_process_is_unreadable(recording: Recording) -> Recording:
    """Let the model host be missing from every tenth sample, which says that it is not complete."""
    return replace(
        recording,
        memory=tuple(
            replace(one, complete=False, processes=one.processes[:1]) if number % 10 == 5 else one
            for number, one in enumerate(recording.memory)
        ),
    )


@every_criterion
def test_process_that_cannot_be_read_in_a_sample_changes_nothing(criterion: Criterion[Limits]) -> None:
    """Samples that are not complete are left out, and the rest is enough."""
    finding = criterion(one_process_is_unreadable(GOOD), Rules())
    assert finding.status is Status.PASS, finding.long()


@every_criterion
@pytest.mark.parametrize("name", RESTS)
def test_gap_in_the_samples_accuses_nobody(criterion: Criterion[Limits], name: str) -> None:
    """A phase without samples cannot be measured where it is needed, and never fails."""
    begin_t = phase_begin(GOOD, name)
    finding = criterion(without_samples(GOOD, begin_t, begin_t + 40), Rules())
    assert finding.status in (Status.PASS, Status.ERROR), finding.long()


@every_criterion
@pytest.mark.parametrize("by_s", [-3.0, 3.0, 3600.0])
def test_jump_of_the_sampling_clock_accuses_nobody_of_memory(
    criterion: Criterion[Limits], by_s: float
) -> None:
    """Samples that jump by seconds among the cycles, in either direction, fail no criterion that needs none of them."""
    finding = criterion(shifted(GOOD, phase_begin(GOOD, "quiet"), by_s), Rules())
    assert finding.status in (Status.PASS, Status.ERROR), finding.long()


@every_criterion
@pytest.mark.parametrize("name", RESTS)
def test_phase_that_ends_before_it_begins_is_no_level(criterion: Criterion[Limits], name: str) -> None:
    """A phase with a negative length is not measured, and fails nothing."""
    finding = criterion(ends_before_it_begins(GOOD, name), Rules())
    assert finding.status in (Status.PASS, Status.ERROR), finding.long()


def test_first_level_that_ends_before_it_begins_is_an_error() -> None:
    """The criteria that need the first level say that they lack it."""
    broken = ends_before_it_begins(GOOD, "after-first")
    lacking = {one.id for one in CRITERIA if one(broken, Rules()).status is Status.ERROR}
    assert lacking == {"C4-first-growth", "C6-stabilises", "G7-cleanup"}


@pytest.mark.parametrize(("left", "status"), [(2, Status.ERROR), (3, Status.PASS), (4, Status.PASS)])
def test_samples_needed_for_the_first_level(left: int, status: Status) -> None:
    """Two samples in the settled window of the first level are too few, three are enough, for all who need it."""
    end_t = next(one.t for one in GOOD.phases if (one.name, one.edge) == ("after-first", "end"))
    window = [one.t for one in GOOD.memory if end_t - 3 <= one.t < end_t]
    sparse = without_samples(GOOD, window[0], window[len(window) - left])
    findings = {one.id: one(sparse, Rules()).status for one in CRITERIA}
    assert {findings[name] for name in ("C4-first-growth", "C6-stabilises", "G7-cleanup")} == {status}


@every_criterion
def test_order_in_the_file_does_not_matter(criterion: Criterion[Limits], tmp_path: Path) -> None:
    """Events that were written in another order than they happened are judged as they happened."""
    path = write_recording(GOOD, tmp_path / "recording.jsonl")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    jumbled = [line for offset in range(3) for line in lines[offset::3]]
    path.write_text("\n".join([head, *jumbled]) + "\n", encoding="utf-8")
    finding = criterion(read_recording(path), Rules())
    assert finding.status is Status.PASS, finding.long()


@every_criterion
def test_recording_read_back_is_judged_alike(criterion: Criterion[Limits], tmp_path: Path) -> None:
    """Variants, rooms, disks and sources survive the file."""
    read = read_recording(write_recording(GOOD, tmp_path / "recording.jsonl"))
    assert criterion(read, Rules()) == criterion(GOOD, Rules())


@every_criterion
def test_cut_inside_the_variants_accuses_nobody(criterion: Criterion[Limits]) -> None:
    """However early among the variants a healthy agent's recording stops, no criterion fails."""
    assert GOOD.end is not None
    for t in range(int(GOOD.end.t), int(last_t_of(GOOD)), 5):
        finding = criterion(cut_at(GOOD, t + 0.01), Rules())
        assert finding.status is not Status.FAIL, finding.long()
