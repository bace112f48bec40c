"""What is taken out of a recording is missed: no criterion passes on what it does not know."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest
from fakes.load_recordings import LoadRun
from fakes.recordings import Run
from voicegate.judge.criterion import Criterion
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, LOAD_CRITERIA, Limits, Rules, all_criteria
from voicegate.record.events import LogLine, Recording

Kind = Literal["memory", "log", "calls", "turns", "rooms", "disks", "sources"]

RUN, LOAD = Run(variants=()).recording(), LoadRun().recording()
LOAD = replace(LOAD, log=tuple(LogLine(float(t), "call", pid=10) for t in range(0, 200, 20)))
EVERY = (0, 1, 2)

# Which thirds of a run each criterion owes, by kind of event; the crowds of the made-up run are in its first half.
OWED: dict[Kind, dict[str, Sequence[int]]] = {
    "memory": {"C4": (0,), "C5": EVERY, "C6": EVERY, "C7": (0,), "C8": EVERY, "G7": (0, 2)},
    "log": {"C1": (0,), "C2": EVERY, "C8": EVERY},
    "calls": {
        "C1": (0,),
        **dict.fromkeys(
            ("C2", "C3", "C4", "C5", "C6", "C7", "G2", "G3", "G4", "G7", "G9", "T1", "T6"), EVERY
        ),
    },
    "turns": {"C7": (0,), **dict.fromkeys(("G2", "G3", "G4", "G9", "T1", "T6"), EVERY)},
    "rooms": {"G7": (2,)},
    "disks": {"G8": (0, 2)},
    "sources": {"G1": (0,)},
}
OWED_UNDER_LOAD: dict[Kind, dict[str, Sequence[int]]] = {
    "memory": dict.fromkeys(("L4", "L5"), EVERY),
    "calls": dict.fromkeys(("L1", "L2", "L3", "L4", "L5", "G2", "G3"), EVERY),
    "turns": dict.fromkeys(("L2", "G2", "G3"), EVERY),
}


def without_third(recording: Recording, kind: Kind, third: int) -> Recording:
    """Take every event of a kind out of a third of the run."""
    assert recording.end is not None
    begin_t, end_t = (recording.end.t * edge / 3 for edge in (third, third + 1))
    kept = [one for one in getattr(recording, kind) if not begin_t <= one.t < end_t + (third == 2)]
    return replace(recording, **{kind: tuple(kept)})  # type: ignore[arg-type]


def short_ids_that_pass(criteria: Sequence[Criterion[Limits]], recording: Recording) -> set[str]:
    """Judge a recording by some criteria."""
    return {one.short_id for one in criteria if one(recording, Rules()).status is Status.PASS}


@pytest.mark.parametrize("third", EVERY)
@pytest.mark.parametrize("kind", OWED)
def test_no_criterion_passes_without_a_third_of_what_it_owes(kind: Kind, third: int) -> None:
    """A kind of event that is missing in the begin, the middle or the end is a FAIL or an ERROR."""
    owing = {name for name, thirds in OWED[kind].items() if third in thirds}
    criteria = [one for one in CRITERIA if one.short_id in owing]
    assert short_ids_that_pass(criteria, RUN) == owing
    assert short_ids_that_pass(criteria, without_third(RUN, kind, third)) == set()


@pytest.mark.parametrize("third", EVERY)
@pytest.mark.parametrize("kind", OWED_UNDER_LOAD)
def test_nor_does_one_of_a_load_run(kind: Kind, third: int) -> None:
    """There nobody knows how many calls were to come, but each has a begin, an end and turns."""
    owing = {name for name, thirds in OWED_UNDER_LOAD[kind].items() if third in thirds}
    criteria = [one for one in LOAD_CRITERIA if one.short_id in owing]
    assert short_ids_that_pass(criteria, LOAD) == owing
    assert short_ids_that_pass(criteria, without_third(LOAD, kind, third)) == set()


def with_memory(recording: Recording, *, every_s: float = 0.0, torn: bool = False) -> Recording:
    """Keep only one sample of memory in so many seconds, or let no sample be complete."""
    kept, next_t = [], 0.0
    for sample in recording.memory:
        if sample.t >= next_t:
            kept.append(replace(sample, complete=not torn))
            next_t = sample.t + every_s
    variants = {
        name: with_memory(variant, every_s=every_s, torn=torn) for name, variant in recording.variants.items()
    }
    return replace(recording, memory=tuple(kept), variants=variants)


def test_advice_on_memory_says_what_was_wrong_with_the_samples() -> None:
    """Those that came too late are no matter of rights, and those that could not be read are no matter of a busy machine."""
    asked = 0
    for recording in (Run().recording(), LOAD):
        for criterion in all_criteria():
            late = criterion(with_memory(recording, every_s=15.0), Rules())
            assert "could not be read" not in late.advice, late.long()
            torn = criterion(with_memory(recording, torn=True), Rules())
            assert "the samples came late" not in torn.advice, torn.long()
            asked += "could not be read" in torn.advice
    assert asked >= 9


@pytest.mark.parametrize(("unmatched", "status"), [(1, Status.PASS), (2, Status.ERROR)])
def test_the_truth_of_nearly_every_report_is_known(unmatched: int, status: Status) -> None:
    """One report in twenty may have no sample beside it."""
    recording = Run(quiet_s=1300.0, variants=()).recording()
    reports = [line.t for line in recording.log if "emory usage" in line.message][2 : 2 + unmatched]
    memory = tuple(one for one in recording.memory if all(abs(one.t - t) > 3 for t in reports))
    (c8,) = (one for one in CRITERIA if one.short_id == "C8")
    assert c8(replace(recording, memory=memory), Rules()).status is status
