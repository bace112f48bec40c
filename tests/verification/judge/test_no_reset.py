"""G1."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, shared_source
from voicegate.judge.finding import Finding, Status
from voicegate.judge.no_reset import judge
from voicegate.judge.registry import Rules
from voicegate.record.events import Assignment, Source

GOOD = Run(cycles=0, variants=()).recording()
SHARED = shared_source(0.2)


def judged(*sources: Source, lock: str = Rules().lock) -> Finding:
    """Judge a run whose source files look like this."""
    return judge(replace(GOOD, sources=sources), Rules(lock=lock))


def test_names_set_under_their_lock_pass() -> None:
    """None at module level and one assignment under the lock pass."""
    finding = judged(SHARED)
    assert finding.status is Status.PASS
    assert finding.evidence[0].startswith("agent/shared.py:10: _SHARED_ASR_MODEL set to None")


@pytest.mark.parametrize("locks", [(), ("_LOCK",)])
def test_reset_inside_a_function_fails(locks: tuple[str, ...]) -> None:
    """A function that assigns None or deletes the name fails, also under the lock."""
    reset = Assignment("_SHARED_ASR_MODEL", 50, "close", sets_none=True, locks=locks)
    finding = judged(replace(SHARED, assignments=(*SHARED.assignments, reset)))
    assert finding.status is Status.FAIL
    assert "resets inside functions: 1, must be 0" in finding.reason
    assert any(":50:" in line and "a reset" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("locks", "status"),
    [
        ((), Status.FAIL),
        (("open(path)",), Status.FAIL),
        (("open(path)", "self._model_lock"), Status.PASS),
        (("_MUTEX",), Status.PASS),
    ],
)
def test_assignment_needs_the_lock(locks: tuple[str, ...], status: Status) -> None:
    """Some `with` around an assignment inside a function must be a lock."""
    place = Assignment("_SHARED_TTS_ENGINE", 60, "get", sets_none=False, locks=locks)
    assert judged(replace(SHARED, assignments=(*SHARED.assignments, place))).status is status


def test_lock_of_another_name() -> None:
    """What a lock is called comes from the gate file."""
    assert judged(SHARED, lock="guard").status is Status.FAIL
    assert judged(SHARED, lock="^_LOCK$").status is Status.PASS


def test_module_level_needs_no_lock() -> None:
    """A module that loads when it is imported sets nothing twice."""
    place = Assignment("_SHARED_TTS_ENGINE", 5, None, sets_none=False)
    assert judged(replace(SHARED, assignments=(*SHARED.assignments, place))).status is Status.PASS


def test_name_that_nothing_sets_is_an_error() -> None:
    """A name that is set nowhere was looked for in the wrong place."""
    kept = tuple(one for one in SHARED.assignments if one.name != "_SHARED_TTS_ENGINE")
    finding = judged(replace(SHARED, assignments=kept))
    assert finding.status is Status.ERROR
    assert "nothing sets _SHARED_TTS_ENGINE" in finding.reason


def test_names_may_be_spread_over_files() -> None:
    """Each name needs to be set in one of the files, not in all."""
    asr, tts = (
        replace(SHARED, path=name, assignments=tuple(one for one in SHARED.assignments if name in one.name))
        for name in ("ASR", "TTS")
    )
    assert judged(asr, tts).status is Status.PASS


def test_file_that_could_not_be_read_is_an_error_but_excuses_nothing() -> None:
    """A missing file is an error; a reset in another file still fails."""
    missing = Source(0.2, "gone.py", SHARED.names, problem="no such file")
    finding = judged(SHARED, missing)
    assert finding.status is Status.ERROR
    assert "gone.py could not be read: no such file" in finding.reason
    reset = Assignment("_SHARED_ASR_MODEL", 50, "close", sets_none=True, locks=("_LOCK",))
    broken = replace(SHARED, assignments=(*SHARED.assignments, reset))
    assert judged(broken, missing).status is Status.FAIL


def test_nothing_configured_is_not_run() -> None:
    """An agent whose source is not named is not judged on it."""
    assert judged().status is Status.NOT_RUN
