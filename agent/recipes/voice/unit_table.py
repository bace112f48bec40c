"""Everything the voice's graph looks up: which units speak a pair of phones, and the units' samples.

Samples are stored in 8 bits on a μ-law curve: quiet consonants keep the signal-to-noise ratio of loud vowels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recipes.voice.carriers import Pair
from recipes.voice.diphones import SAMPLE_RATE_HZ, DiphoneSet
from recipes.voice.phones import (
    RHOTIC_VOWELS,
    SILENCE,
    STRESS,
    alternatives,
    base,
    is_vowel,
    phone_classes,
)

NO_UNIT = -1
_MU = 255.0
_ZERO_CODE = 127
_GAP_S = 0.05


@dataclass(frozen=True, slots=True)
class UnitTable:
    """The lookups of the graph; unit 0 is a short silence.

    codes: uint8 [samples], all units one after another.
    levels: float32 [256], the sample value of each code, full scale 1.
    offsets, hops: int32 [units], first code of each unit, and the samples it adds (its length less a period).
    stressed: float32 [units], 1 where the unit belongs to a stressed vowel.
    pair_units: int64 [classes * classes, 2], the one or two units that speak a pair, NO_UNIT where unused.
    substituted: how many pairs are spoken by another pair's unit; split: by two units.
    """

    codes: npt.NDArray[np.uint8]
    levels: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.int32]
    hops: npt.NDArray[np.int32]
    stressed: npt.NDArray[np.float32]
    pair_units: npt.NDArray[np.int64]
    substituted: int
    split: int


def build_unit_table(diphones: DiphoneSet) -> UnitTable:
    """Lay out `diphones` for the graph and resolve every pair of classes to units."""
    pairs = sorted(diphones.units)
    silence = np.zeros(round(_GAP_S * SAMPLE_RATE_HZ) + diphones.period)
    units = [silence, *(diphones.units[pair] for pair in pairs)]
    lengths = np.array([len(unit) for unit in units])
    number = {pair: index for index, pair in enumerate(pairs, 1)}
    pair_units = np.full((len(phone_classes()) ** 2, 2), NO_UNIT, np.int64)
    substituted = split = 0
    for row, pair in enumerate((a, b) for a in phone_classes() for b in phone_classes()):
        spoken_by = _resolve(pair, number)
        pair_units[row, : len(spoken_by)] = spoken_by
        substituted += len(spoken_by) == 1 and pair not in number
        split += len(spoken_by) == 2
    codes, levels = _compress(np.concatenate(units))
    return UnitTable(
        codes=codes,
        levels=levels,
        offsets=(np.cumsum(lengths) - lengths).astype(np.int32),
        hops=(lengths - diphones.period).astype(np.int32),
        stressed=np.array([0.0, *(float(_is_stressed(pair)) for pair in pairs)], np.float32),
        pair_units=pair_units,
        substituted=substituted,
        split=split,
    )


def _is_stressed(pair: Pair) -> bool:
    return any(phone.startswith(STRESS) for phone in pair)


def _resolve(pair: Pair, number: dict[Pair, int]) -> list[int]:
    """Return the units that speak `pair`: its own, the nearest pair's, or two that meet in an `ɹ` or in silence."""
    if pair == (SILENCE, SILENCE):
        return [0]
    left, right = pair
    rhotic = base(left) in RHOTIC_VOWELS and is_vowel(right)
    if not rhotic and (nearest := _nearest(pair, number)) is not None:
        return [nearest]
    link = "ɹ" if rhotic else SILENCE
    halves = (_nearest((left, link), number), _nearest((link, right), number))
    return [half for half in halves if half is not None] or [0]


def _nearest(pair: Pair, number: dict[Pair, int]) -> int | None:
    candidates = [
        (left_cost + right_cost, number[left, right])
        for left_cost, left in alternatives(pair[0])
        for right_cost, right in alternatives(pair[1])
        if (left, right) in number
    ]
    return min(candidates)[1] if candidates else None


def _compress(samples: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    scaled = samples / np.abs(samples).max()
    curved = np.sign(scaled) * np.log1p(_MU * np.abs(scaled)) / np.log1p(_MU)
    codes = np.round(curved * _ZERO_CODE) + _ZERO_CODE
    axis = (np.arange(256) - _ZERO_CODE) / _ZERO_CODE
    levels = np.sign(axis) * np.expm1(np.abs(axis) * np.log1p(_MU)) / _MU
    return codes.astype(np.uint8), levels.astype(np.float32)
