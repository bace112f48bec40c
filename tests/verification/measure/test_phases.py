"""Phases of a recording."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, cut_at, phase_begin, without_phase
from voicegate.judge.criterion import NotMeasured, NotRun, check_variant
from voicegate.measure.phases import (
    CYCLES,
    after_first_call,
    cut_off,
    finished_span,
    last_t,
    missing_part,
    spans,
)
from voicegate.record.events import End, PlannedPhase

GOOD = Run(cycles=1).recording()


def test_spans_pair_begin_and_end() -> None:
    """Every phase has its begin, its end and its number of calls."""
    names = [span.name for span in spans(GOOD)]
    assert names[:3] == ["baseline", "first-call", "after-first"]
    assert names[-1] == "quiet"
    assert all(span.end_t is not None and span.end_t > span.begin_t for span in spans(GOOD))


def test_open_span_has_no_end() -> None:
    """A phase in which the recording stops has no end, and asking for it says so."""
    cut = cut_at(GOOD, phase_begin(GOOD, "second-call") + 1)
    assert spans(cut)[-1].end_t is None
    with pytest.raises(NotMeasured, match="stops inside phase second-call"):
        finished_span(cut, "second-call")


def test_missing_span_of_a_whole_run_was_never_planned() -> None:
    """A phase that a whole run does not have is not run; a cut-off one may have lost it."""
    missing = without_phase(GOOD, "quiet")
    with pytest.raises(NotRun, match="no phase quiet"):
        finished_span(missing, "quiet")
    with pytest.raises(NotMeasured, match="cut off"):
        finished_span(replace(missing, end=None), "quiet")


def test_a_part_that_was_never_planned_is_not_run_in_a_run_that_broke_off() -> None:
    """An interrupted short run has no cycles, and never would have had any."""
    planned = (
        PlannedPhase("first-call", 1),
        PlannedPhase("after-first", 0),
        PlannedPhase("forced-gc", 0, "forced-gc"),
    )
    short = replace(
        cut_at(GOOD, phase_begin(GOOD, "second-call")),
        header=replace(GOOD.header, planned=planned),
        end=End(40.0, "interrupted"),
    )
    assert isinstance(missing_part(short, CYCLES.name, CYCLES.is_planned), NotRun)
    with pytest.raises(NotRun, match="no phase quiet"):
        finished_span(short, "quiet")
    with pytest.raises(NotMeasured, match="interrupted"):
        finished_span(without_phase(short, "after-first"), "after-first")
    for variant, error in (("forced-gc", NotMeasured), ("unshared", NotRun)):
        with pytest.raises(error):
            check_variant(replace(short, variants={}), variant)  # type: ignore[arg-type]
    whole = replace(short, header=replace(GOOD.header, planned=None))
    assert isinstance(missing_part(whole, CYCLES.name, CYCLES.is_planned), NotMeasured)


def test_after_first_call_drops_what_loads_the_weights() -> None:
    """What follows the first phase with a call is all that C5 looks at."""
    assert after_first_call(spans(GOOD))[0].name == "after-first"
    assert after_first_call(()) == ()


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (None, "cut off"),
        (End(9, "failed", "port taken"), "failed: port taken"),
        (End(9, "interrupted"), "interrupted"),
    ],
)
def test_cut_off(end: End | None, words: str) -> None:
    """A run that did not reach its end has a caveat with the reason."""
    (caveat,) = cut_off(replace(GOOD, end=end))
    assert words in caveat.reason


def test_last_t_of_a_cut_recording_is_its_last_event() -> None:
    """Without an end the last event tells how long the recording is."""
    assert last_t(GOOD) == GOOD.end.t if GOOD.end else False
    assert last_t(cut_at(GOOD, 50.0)) == pytest.approx(50.0, abs=0.5)
