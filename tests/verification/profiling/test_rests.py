"""The rests of a run, and the stretch in which growth is looked for."""

from dataclasses import replace

import pytest
from fakes.profiles import BEGAN_UNIX_S, profiled_recording
from fakes.recordings import Run, cut_at
from voicegate.profiling.rests import Rest, rests, settled, stretch_of_growth
from voicegate.record.events import Recording


def test_a_rest_knows_the_calls_before_it() -> None:
    """In Unix time, which is what captures have."""
    found = rests(profiled_recording())
    assert [(rest.phase, rest.calls) for rest in found][:4] == [
        ("baseline", 0),
        ("after-first", 1),
        ("after-second", 2),
        ("after-all", 10),
    ]
    assert found[0].end_unix_s == BEGAN_UNIX_S + 7


def test_growth_is_looked_for_in_the_second_half_of_the_calls() -> None:
    """What the first call loads is no growth, nor what the next ones fill."""
    found = rests(profiled_recording())
    assert [(rest.phase, rest.calls) for rest in settled(found)] == [
        ("after-all", 10),
        ("after-cycle-01", 11),
        ("after-cycle-02", 12),
        ("after-cycle-03", 13),
        ("quiet", 13),
    ]
    assert stretch_of_growth(found) == ((found[3].end_unix_s, found[-1].end_unix_s), 3)


def test_two_calls_are_enough_to_grow_between() -> None:
    """The rest after the first of them is where growth begins."""
    found = [Rest("baseline", 10, 0), Rest("after-first", 20, 1), Rest("after-second", 30, 2)]
    assert stretch_of_growth(found) == ((20, 30), 1)


@pytest.mark.parametrize(
    "recording",
    [
        Run(variants=()).recording(),
        replace(profiled_recording(), calls=()),
        cut_at(profiled_recording(), 3),
    ],
)
def test_without_a_clock_or_calls_there_are_no_rests(recording: Recording) -> None:
    """An older recording does not say when it began; one that was cut off early has no calls."""
    assert rests(recording) == ()


@pytest.mark.parametrize("calls", [(), (0,), (0, 1), (0, 1, 1), (0, 1, 3)])
def test_without_further_calls_nothing_can_grow(calls: tuple[int, ...]) -> None:
    """Two rests with calls in between are needed, in the second half."""
    assert stretch_of_growth([Rest("rest", 10.0 * at, count) for at, count in enumerate(calls)]) is None
