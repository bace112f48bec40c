"""How often C6 calls a healthy agent growing, and how often it catches a leak: simulated levels, noise as in a real run."""

from collections.abc import Callable

import numpy as np
import pytest
from fakes.recordings import MB
from mutants.kept_recordings import FOLDER
from numpy.typing import NDArray
from voicegate.judge.finding import Status
from voicegate.judge.fitting import lasting_growth, theil_sen
from voicegate.judge.registry import Limits
from voicegate.judge.stabilizes import _measurement, _rests
from voicegate.measure.memory_levels import level_of
from voicegate.measure.phases import spans
from voicegate.record.recording import read_recording

RUNS = 1000
CYCLES = 20
LIMITS = Limits()
AT = np.arange(CYCLES + 1)

Levels = NDArray[np.float64]
Leak = Callable[[np.random.Generator], Levels]


def healthy_noise() -> tuple[float, float]:
    """Measure the noise of a healthy run about its line: standard deviation in bytes, lag-1 autocorrelation."""
    recording = read_recording(FOLDER / "healthy-cycles.jsonl.gz")
    found = [level_of(recording, span, LIMITS) for span in _rests(spans(recording))]
    levels = np.array([level.pss_bytes for level in found if level is not None])
    off = levels - theil_sen(range(len(levels)), list(levels)).slope * np.arange(len(levels))
    off -= off.mean()
    return float(off.std(ddof=2)), float((off[1:] * off[:-1]).sum() / (off**2).sum())


def noise(draw: np.random.Generator, deviation: float, follows: float) -> Levels:
    """Draw levels without growth, each following the one before by so much (an AR(1) process)."""
    shocks = draw.normal(0, deviation, CYCLES + 1)
    levels = [shocks[0]]
    for shock in shocks[1:]:
        levels.append(follows * levels[-1] + shock * (1 - follows**2) ** 0.5)
    return np.array(levels)


def statuses(leak: Leak, deviation: float, follows: float) -> dict[Status, float]:
    """Judge so many made-up runs, and return the share of each outcome."""
    draw = np.random.default_rng(20)
    seen = [
        _measurement(
            lasting_growth(range(CYCLES + 1), list(noise(draw, deviation, follows) + leak(draw))),
            LIMITS,
        ).status
        for _ in range(RUNS)
    ]
    return {status: seen.count(status) / RUNS for status in Status}


def steady(per_cycle_bytes: float) -> Leak:
    """Leak the same at every call."""
    return lambda _: (AT * per_cycle_bytes).astype(np.float64)


def every_fourth(per_cycle_bytes: float) -> Leak:
    """Leak four times that at every fourth call, the first of which may be any of four."""
    return lambda draw: (4 * per_cycle_bytes * ((AT + draw.integers(0, 4)) // 4)).astype(np.float64)


def one_jump(bytes_: float) -> Leak:
    """Let a heap grow once, anywhere."""
    return lambda draw: (bytes_ * (draw.integers(2, CYCLES) <= AT)).astype(np.float64)


NOISE = healthy_noise()


def test_noise_is_that_of_a_real_run() -> None:
    """About 1 MB, hardly following one another; a recording that is made anew may change the figures."""
    deviation, follows = NOISE
    assert 0.5 * MB < deviation < 3 * MB
    assert -0.5 < follows < 0.7


@pytest.mark.parametrize("follows", [max(0.0, NOISE[1]), 0.5], ids=["as measured", "follows more"])
@pytest.mark.parametrize("leak", [steady(0), steady(0.25 * MB)], ids=["flat", "a quarter of the limit"])
def test_healthy_agents_alarm_in_one_run_of_a_hundred_at_most(leak: Leak, follows: float) -> None:
    """Neither a FAIL nor an ERROR."""
    assert statuses(leak, NOISE[0], follows)[Status.PASS] >= 0.99


@pytest.mark.parametrize("leak", [steady(2 * MB), every_fourth(2 * MB)], ids=["steady", "every fourth call"])
@pytest.mark.parametrize("deviation", [NOISE[0], 2 * NOISE[0]], ids=["as measured", "twice the noise"])
def test_leaks_of_twice_the_limit_fail_in_nineteen_runs_of_twenty(leak: Leak, deviation: float) -> None:
    """Also with twice the noise."""
    assert statuses(leak, deviation, max(0.0, NOISE[1]))[Status.FAIL] >= 0.95


def test_one_jump_of_a_heap_never_fails() -> None:
    """Once 20 MB, as in a real healthy run, is hardly ever undecided."""
    shares = statuses(one_jump(20 * MB), NOISE[0], max(0.0, NOISE[1]))
    assert shares[Status.FAIL] == 0
    assert shares[Status.PASS] >= 0.95


def test_leak_beside_a_jump_fails_too() -> None:
    """Twice the limit, and once 20 MB: the jump is no excuse."""
    jump, leak = one_jump(20 * MB), steady(2 * MB)
    shares = statuses(lambda draw: jump(draw) + leak(draw), NOISE[0], max(0.0, NOISE[1]))
    assert shares[Status.FAIL] >= 0.95
