"""What is told of each role."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.profiles import (
    BEGAN_UNIX_S,
    FIRST_JOB_PID,
    HOST_PID,
    LEAKING,
    LOADING,
    MAIN_PID,
    made_capture,
    profiled_recording,
)
from fakes.recordings import MB
from voicegate.profiling.allocation_profile import Place, ProcessResult, RoleResult
from voicegate.profiling.capture import Capture
from voicegate.profiling.rests import rests
from voicegate.profiling.roles import make_profile
from voicegate.record.events import Recording

RECORDING = profiled_recording()
CALLS, LATE_CALLS = 13, 3


def leaking(t: float) -> float:
    """Hold 60 MB after the first call and 2 MB more after each further one."""
    done = [rest.calls for rest in rests(RECORDING) if rest.end_unix_s - BEGAN_UNIX_S - 2 <= t]
    calls = max(done, default=0)
    return 10 * MB + (60 * MB + 2 * MB * (calls - 1) if calls else 0)


def role(
    captures: Sequence[Capture | ProcessResult], name: str, recording: Recording = RECORDING
) -> RoleResult:
    """Find a role in the profile of these captures."""
    return next(one for one in make_profile(recording, captures).roles if one.role == name)


def host() -> Capture:
    """Make a model host that leaks."""
    grown = (Place((LEAKING,), 6 * MB, 30), Place((LOADING,), 3000, 3), Place((), 12, 3))
    return made_capture("model-host", HOST_PID, leaking, grown=grown)


def test_what_outlives_calls_grows_per_call() -> None:
    """The slope over the second half of the calls, and what the first call and those after it added."""
    found = role([host()], "model-host")
    assert (found.lasting, found.calls, found.counted) == (True, LATE_CALLS, 1)
    assert found.growth is not None
    assert found.growth.bytes_per_call == pytest.approx(2 * MB)
    assert (found.first_call_bytes, found.warm_up_bytes) == (60 * MB, 18 * MB)


def test_what_only_warms_up_does_not_grow() -> None:
    """A heap that rises over the first calls and then stays says so, and shows its levels."""
    found = role([made_capture("main", MAIN_PID, lambda t: min(leaking(t), 80 * MB))], "main")
    assert found.growth is not None
    assert (found.growth.bytes_per_call, found.warm_up_bytes) == (0, 10 * MB)
    assert [level for _, level in found.growth.levels][:3] == [70 * MB, 72 * MB, 80 * MB]


def test_growth_by_place_is_per_call() -> None:
    """What stayed at the end of the stretch is divided by the calls in it; what hardly counts is left out."""
    found = role([host()], "model-host")
    assert [(place.bytes, place.allocations) for place in found.grown] == [(2 * MB, 10)]
    assert found.grown[0].stack[0].function == "remember"


def jobs() -> list[Capture]:
    """Make two processes that took a call each, and one that waited for one to the end."""
    return [
        made_capture("job", FIRST_JOB_PID, lambda _: 30 * MB, begin_t=5, end_t=20),
        made_capture("job", FIRST_JOB_PID + 1, lambda _: 20 * MB, begin_t=6, end_t=40),
        made_capture("job", FIRST_JOB_PID + 900, lambda _: 1 * MB),
    ]


def test_processes_of_one_call_are_averaged() -> None:
    """Those that took a call count; one that only waited is listed and left out."""
    found = role(jobs(), "job")
    assert (found.lasting, found.counted, found.calls, len(found.processes)) == (False, 2, 2, 3)
    assert (found.peak_bytes, found.growth) == (25 * MB, None)
    assert found.at_peak[0].bytes == 25 * MB
    assert found.shown_capture == f"job-{FIRST_JOB_PID}.bin"
    assert [one.calls for one in found.processes] == [1, 1, 0]


def test_without_a_log_every_process_counts() -> None:
    """The log of somebody else's agent may not say which process took a call."""
    silent = replace(RECORDING, log=())
    found = role(jobs()[:2], "job", silent)
    assert (found.lasting, found.counted, found.calls) == (False, 2, 0)


def test_calls_in_threads_are_the_main_process() -> None:
    """One process takes them all, so it is one that outlives calls."""
    threaded = replace(
        RECORDING,
        log=tuple(replace(line, pid=MAIN_PID) if line.room else line for line in RECORDING.log),
    )
    found = role([made_capture("main", MAIN_PID, leaking)], "main", threaded)
    assert (found.lasting, found.processes[0].calls) == (True, CALLS)
    assert found.grown == ()


def test_the_process_that_lived_through_the_run_is_told_of() -> None:
    """A host that died early, and its successor, are listed; growth is told of neither if none lived through."""
    dead = made_capture("model-host", 21, lambda _: 500 * MB, end_t=12, whole=False)
    found = role([dead, host()], "model-host")
    assert found.shown_capture == f"model-host-{HOST_PID}.bin"
    assert found.processes[0].problem is not None
    assert "killed" in found.processes[0].problem
    alone = role([dead], "model-host")
    assert (alone.lasting, alone.growth, alone.peak_bytes) == (False, None, 500 * MB)


def test_what_cannot_be_read_is_listed() -> None:
    """With its reason, beside the captures that can."""
    found = make_profile(RECORDING, [host(), ProcessResult(file="job-7.bin", pid=7, problem="not a capture")])
    assert [one.role for one in found.roles] == ["model-host"]
    assert found.problems == ("job-7.bin: not a capture",)


def test_the_largest_role_comes_first() -> None:
    """It is what a reader looks for."""
    sizes = {"main": 5, "zebra": 90, "model-host": 70, "ape": 90}
    captures = [
        made_capture(name, 500 + size, lambda _, size=size: size * MB)  # type: ignore[misc]
        for name, size in sizes.items()
    ]
    found = make_profile(RECORDING, captures)
    assert [one.role for one in found.roles] == ["ape", "zebra", "model-host", "main"]


def test_the_run_is_told_of() -> None:
    """How many calls there were and how many of them failed."""
    failed = replace(RECORDING.calls[0], step="failed", detail="no agent", t=RECORDING.calls[0].t + 9)
    found = make_profile(replace(RECORDING, calls=(*RECORDING.calls, failed)), [host()])
    assert (found.calls, found.failed_calls, found.outcome) == (CALLS, 1, "complete")
