"""Whether a figure changed from run to run, or only scattered: statistics on plain numbers, nothing else.

A change is a step: from some run on the figure has another level. A series is cut where Student's t between the runs before and after is
largest, if that is too large for chance among all places where it could have been cut, and each part again. One run, or two, that differ are
no step: each part has three runs at least. Noise smaller than a quarter of the least change that matters is not trusted: figures are rounded,
and three equal ones would make any fourth look like a step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan, cos, inf, pi, sin, sqrt
from statistics import fmean

LEAST_RUNS = 3
"""In each part of a series."""
CHANCE = 0.01
"""Of a false alarm in one look at all figures of a run together, where they scatter as Gauss has it and do not follow each other."""


@dataclass(frozen=True, slots=True)
class Level:
    """A part of a series that has one level, from its first run until before its end."""

    begin: int
    end: int
    value: float


def levels_of(values: Sequence[float], chance: float, least_change: float) -> tuple[Level, ...]:
    """Cut a series into levels; `chance` is that of a step where there is none, `least_change` the least that matters."""
    cuts = [0, *_cuts(values, 0, chance, least_change), len(values)]
    return tuple(Level(begin, end, fmean(values[begin:end])) for begin, end in pairwise(cuts))


def _cuts(values: Sequence[float], offset: int, chance: float, least_change: float) -> Iterable[int]:
    places = range(LEAST_RUNS, len(values) - LEAST_RUNS + 1)
    found = [(_t(values[:at], values[at:], (), least_change), at) for at in places]
    found = [one for one in found if one[0] < inf]
    if not found:
        return
    t, at = max(found)
    differs = abs(fmean(values[at:]) - fmean(values[:at])) >= least_change
    if not differs or len(places) * two_sided(t, len(values) - 2) > chance:
        return
    yield from _cuts(values[:at], offset, chance, least_change)
    yield offset + at
    yield from _cuts(values[at:], offset + at, chance, least_change)


def chance_of_difference(
    before: Sequence[float], after: Sequence[float], noise: Iterable[Sequence[float]], least_change: float
) -> float | None:
    """Tell how often values of one level would lie so far apart; None where too little is known of their noise.

    `noise` are further groups of values, each of one level.
    """
    noise = tuple(noise)
    degrees = sum(len(group) - 1 for group in (before, after, *noise))
    return None if degrees < LEAST_RUNS else two_sided(_t(before, after, noise, least_change), degrees)


def _t(
    before: Sequence[float], after: Sequence[float], noise: Sequence[Sequence[float]], least_change: float
) -> float:
    groups = (before, after, *noise)
    degrees = sum(len(group) - 1 for group in groups)
    squares = sum((value - fmean(group)) ** 2 for group in groups for value in group)
    deviation = max(sqrt(squares / degrees), least_change / 4)
    difference = abs(fmean(after) - fmean(before))
    scale = deviation * sqrt(1 / len(before) + 1 / len(after))
    return difference / scale if scale else 0.0


def two_sided(t: float, degrees: int) -> float:
    """Give the probability that Student's t with so many degrees of freedom is further from zero than this.

    Abramowitz and Stegun 26.7.3 and 26.7.4, exact for whole degrees.
    """
    angle = atan(abs(t) / sqrt(degrees))
    odd = degrees % 2
    term, total = (cos(angle), 0.0) if odd else (1.0, 0.0)
    for index in range(odd + 1, degrees, 2):
        total += term
        term *= cos(angle) ** 2 * index / (index + 1)
    within = (2 / pi) * (angle + sin(angle) * total) if odd else sin(angle) * total
    return max(0.0, 1 - within)
