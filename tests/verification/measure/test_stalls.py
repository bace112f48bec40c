"""Times in which the machine was too busy."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, with_stall
from voicegate.limits import Limits
from voicegate.measure.stalls import stalls

GOOD = Run().recording()
TURN = next(turn for turn in GOOD.turns if turn.call == "call-04")


def test_steady_sampling_has_no_stalls() -> None:
    """Samples at an even pace show no stall."""
    assert stalls(GOOD, Limits()) == ()
    assert stalls(replace(GOOD, memory=()), Limits()) == ()


def test_late_sample_is_a_stall() -> None:
    """A missing second between two samples is one."""
    (found,) = stalls(with_stall(GOOD, "call-04"), Limits())
    assert found.late_s == pytest.approx(1.0)
    assert found.overlaps(TURN.speech_start_t, TURN.speech_end_t + 1)


def test_sample_that_took_long_is_a_stall() -> None:
    """So is one that came in time and then needed 0.3 s longer than the others."""
    slow = replace(GOOD.memory[20], duration_s=GOOD.memory[20].duration_s + 0.3)
    memory = (*GOOD.memory[:20], slow, *GOOD.memory[21:])
    (found,) = stalls(replace(GOOD, memory=memory), Limits())
    assert found.late_s == pytest.approx(0.3)
    assert found.begin_t == slow.t
