"""The rests of a run, and the stretch in which growth is looked for."""

from dataclasses import replace

import pytest
from fakes.profiles import BEGAN_UNIX_S, profiled_recording
from fakes.recordings import Run, cut_at

from verification.profiling.rests import Rest, rests, stretch_of_growth
from verification.record.events import Recording


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


def test_growth_is_looked_for_after_the_first_call() -> None:
    """From the rest after it to the last one: what the first call loads is no growth."""
    found = rests(profiled_recording())
    growth = stretch_of_growth(found)
    assert growth is not None
    (begin, end), calls = growth
    assert (begin, end) == (found[1].end_unix_s, found[-1].end_unix_s)
    assert calls == found[-1].calls - 1


@pytest.mark.parametrize(
    "recording",
    [
        Run(acts=()).recording(),
        replace(profiled_recording(), calls=()),
        cut_at(profiled_recording(), 3),
    ],
)
def test_without_a_clock_or_calls_there_are_no_rests(recording: Recording) -> None:
    """An older recording does not say when it began; one that was cut off early has no calls."""
    assert rests(recording) == ()


@pytest.mark.parametrize("calls", [(), (0,), (0, 1), (0, 1, 1)])
def test_without_further_calls_nothing_can_grow(calls: tuple[int, ...]) -> None:
    """Two rests with calls in between are needed."""
    assert stretch_of_growth([Rest("rest", 10.0 * at, count) for at, count in enumerate(calls)]) is None
