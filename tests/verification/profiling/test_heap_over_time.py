"""What all processes held over time."""

import pytest
from fakes.profiles import made_capture, profiled_recording
from fakes.recordings import MB, Run
from voicegate.profiling.heap_over_time import STEP_S, heap_over_time

RECORDING = profiled_recording()


def test_processes_of_a_role_are_added_up() -> None:
    """While each of them lives."""
    captures = [
        made_capture("job", 1, lambda _: 10 * MB, begin_t=4, end_t=10),
        made_capture("job", 2, lambda _: 5 * MB, begin_t=8, end_t=20),
        made_capture("main", 3, lambda t: t * MB, begin_t=0, end_t=20),
    ]
    moments = {moment.t: moment.by_role for moment in heap_over_time(RECORDING, captures)}
    assert moments[2.0] == {"main": 2 * MB}
    assert moments[9.0] == {"job": 15 * MB, "main": 9 * MB}
    assert moments[12.25] == {"job": 5 * MB, "main": 12 * MB}
    assert max(moments) == pytest.approx(20, abs=STEP_S)


def test_without_captures_or_a_clock_there_is_nothing() -> None:
    """An older recording cannot be put beside a capture."""
    assert heap_over_time(RECORDING, []) == ()
    assert heap_over_time(Run(variants=()).recording(), [made_capture("main", 1, lambda _: MB)]) == ()
