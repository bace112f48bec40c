"""T6."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn
from voicegate.judge.dead_air import judge
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.record.events import Loudness, Recording

GOOD = Run(cycles=0).recording()
STEPS_PER_S = 200


def heard(*stretches: tuple[float, float]) -> Recording:
    """Let the first call's agent be heard then, in seconds after the end of the caller's speech; the last stretch is the answer."""
    first = GOOD.turns[0]
    levels = ["s"] * (20 * STEPS_PER_S)
    for begin_s, end_s in stretches:
        begin, end = (round((2 + at_s) * STEPS_PER_S) for at_s in (begin_s, end_s))
        levels[begin:end] = ["7"] * (end - begin)
    wait_s = stretches[-1][0]
    return change_turn(
        GOOD,
        first.call,
        latency_s=wait_s,
        reply_start_t=first.speech_end_t + wait_s,
        heard_loudness=Loudness(0.0, "".join(levels)),
        said_loudness=Loudness(0.0, "7"),
    )


@pytest.mark.parametrize(("wait_s", "status"), [(3.99, Status.PASS), (4.0, Status.PASS), (4.02, Status.FAIL)])
def test_how_long_nothing_may_be_heard(wait_s: float, status: Status) -> None:
    """Four seconds are allowed."""
    assert judge(heard((wait_s, wait_s + 2)), Rules()).status is status


def test_a_filler_breaks_the_silence() -> None:
    """The answer comes after seven seconds, and "one moment" in the middle."""
    finding = judge(heard((3.0, 3.5), (7.0, 8.0)), Rules())
    assert finding.status is Status.PASS
    assert finding.measurements[0].value == pytest.approx(3.5, abs=0.02)


def test_a_filler_does_not_excuse_what_comes_after_it() -> None:
    """It was said at once, and then nothing for five seconds."""
    assert judge(heard((0.5, 1.0), (6.0, 7.0)), Rules()).status is Status.FAIL


def test_a_turn_without_an_answer_is_silence_without_end() -> None:
    """Whoever gets no answer is left alone."""
    silent = change_turn(GOOD, GOOD.turns[0].call, latency_s=None, reply_start_t=None)
    finding = judge(silent, Rules())
    assert finding.status is Status.FAIL
    assert "∞" in finding.reason


def test_without_any_turn_it_could_not_be_measured() -> None:
    """Nobody was owed an answer."""
    assert judge(replace(GOOD, turns=()), Rules()).status is Status.ERROR
