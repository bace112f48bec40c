"""The noise of simulated runs, as measured on real ones, and how it is drawn.

The kept recordings are those in tests/verification/judge/failed_runs, 29 runs and variants with 3,530 memory samples on 2 cores;
tests/verification/simulate/test_noise.py measures them again.
"""

from dataclasses import dataclass, replace

import numpy as np

from voicegate.simulate.kinds import Draw, Values

MB = 1_000_000
LATE_S = 0.2
"""From here on a memory sample shows that the machine stalled (`stall_s`)."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How far a healthy agent's numbers scatter; bytes and seconds, spreads of waits as standard deviations of their logarithms."""

    level_bytes: float
    """Standard deviation of the settled level after a cycle about its line."""
    level_follows: float
    """How far each of these levels follows the one before (lag-1 autocorrelation)."""
    step_chance: float
    """While nobody calls memory stays where it is, but for a step up or down in this part of the samples."""
    step_bytes: float
    """The median of these steps."""
    step_spread: float
    call_bytes: float
    """Standard deviation of a sample about the level of its phase, while somebody calls."""
    late_chance: float
    """Part of the samples that take, or come, more than 0.2 s longer than usual."""
    late_s: float
    """By how much more than that, on average."""
    latest_s: float
    join_s: float
    """Median time from dialing to the agent's sound."""
    join_spread: float
    reply_s: float
    """Median wait for a reply."""
    reply_spread: float
    wait_follows: float
    """How far each wait follows the one before."""
    idle_job_chance: float
    """Part of the stretches of 3.5 s without calls in which LiveKit keeps one idle job more."""
    report_jitter_s: float
    """Standard deviation of the time of a memory report about its schedule."""
    misheard_chance: float
    """Part of the spoken codes of which one digit is misheard."""


AS_MEASURED = Noise(
    # healthy-cycles: 1.10 MB and 0.19; slower-and-slower, whose memory is healthy: 1.19 MB and 0.03. The steps below are part of it.
    level_bytes=1.05 * MB,
    level_follows=0.25,
    # healthy-cycles, between samples of settled windows: 75 % of the differences below 0.08 MB, 90 % 0.17, 95 % 0.5, 99 % 1.2 MB;
    # slower-and-slower: 90 % 0.27, 95 % 0.8, 99 % 1.6 MB.
    step_chance=0.15,
    step_bytes=0.25 * MB,
    step_spread=1.1,
    # healthy-cycles: 1.5 MB; slower-and-slower: 1.1 MB.
    call_bytes=1.5 * MB,
    # all kept scenarios that had the machine for themselves: 51 samples of 3,530, nearly all of them because taking them took long; 0.37 s on average, 1.05 s at most.
    late_chance=0.0145,
    late_s=0.17,
    latest_s=1.05,
    # cycles of healthy-cycles: joins 0.54 s and 0.15, replies 0.62 s and 0.09; keeps-audio and never-gives-back, without waits in stalls,
    # 0.5 to 0.68 s and 0.12, 0.63 s and 0.15. What follows: 0.01 to 0.3.
    join_s=0.54,
    join_spread=0.15,
    reply_s=0.63,
    reply_spread=0.15,
    wait_follows=0.2,
    # docs/decisions.md: one rest of ten; the kept recordings: none of 56 in its last 3 s. That is 1.5 % of these windows.
    idle_job_chance=0.008,
    # kept recordings: 60.01, 59.97, 60.0, 59.98 and 59.99 s apart.
    report_jitter_s=0.02,
    # docs/decisions.md: none of the 38 codes in 16,720 hearings, each cut, softened or in noise in its own way. Taken as half a case.
    misheard_chance=0.00003,
)
"""Noise of the kept recordings, which are from 2 cores that did little else."""

BUSY = replace(AS_MEASURED, reply_s=1.82, reply_spread=0.23, join_spread=0.23, wait_follows=0.5)
"""Waits of the healthy run on a machine that others use as well, in docs/decisions.md: 2.05, 1.59, 1.66, 1.87, 1.76, 1.91, 2.72 … s."""


def following(draw: Draw, deviation: float, follows: float, count: int) -> Values:
    """Draw values each of which follows the one before (a stationary AR(1) process)."""
    shocks = draw.normal(0.0, deviation, count)
    values = shocks.copy()
    fresh = float(np.sqrt(1 - follows**2))
    for at in range(1, count):
        values[at] = follows * values[at - 1] + fresh * shocks[at]
    return values


def steps(draw: Draw, noise: Noise, count: int) -> Values:
    """Draw the steps that memory makes from one sample to the next while nobody calls: mostly none."""
    sizes = (
        noise.step_bytes * np.exp(draw.normal(0.0, noise.step_spread, count)) * draw.choice([-1, 1], count)
    )
    return np.where(draw.random(count) < noise.step_chance, sizes, 0.0)


def lateness(draw: Draw, noise: Noise, count: int) -> Values:
    """Draw by how many seconds each memory sample takes longer than usual: a few ms, and now and then more than the gate allows."""
    usual = np.abs(draw.normal(0.0, 0.02, count))
    late = np.minimum(LATE_S + draw.exponential(noise.late_s, count), noise.latest_s)
    return np.where(draw.random(count) < noise.late_chance, late, usual)


def waits(draw: Draw, noise: Noise, median_s: float, spread: float, count: int) -> Values:
    """Draw so many waits about their median."""
    return median_s * np.exp(following(draw, spread, noise.wait_follows, count))
