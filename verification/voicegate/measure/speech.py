"""Measuring speech by its loudness: where it begins and ends, and where it is silent."""

import itertools
import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicegate.limits import SpeechLimits
from voicegate.record.events import AudioGap, Loudness
from voicegate.record.loudness import FLOOR_DBFS, STEP_S, levels_of

FRAME_S = 2 * STEP_S
_PUNCTUATION = re.compile(r"(?:(?P<sentence>[.!?])|[,;:\u2013\u2014])+[\"')\]]*\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Speech:
    """Speech in a piece of sound; seconds from the start of the piece.

    `sounding_s` leaves out silence. `gaps` are silences between `start_s` and `end_s`, as long as the limit or longer, that
    are no pause at a punctuation mark; relative to `start_s`.
    """

    start_s: float
    end_s: float
    sounding_s: float
    gaps: tuple[AudioGap, ...]


def measure_speech(loudness: Loudness, limits: SpeechLimits, text: str = "") -> Speech | None:
    """Measure the speech in a piece of sound; None when there is only silence.

    Sound begins in a frame of 10 ms above `speech_begins_dbfs` and lasts until one below `speech_ends_dbfs`; anything
    shorter than `click_s` is no speech. It begins and ends with a step of 5 ms, and not with a whole frame. `text` is what is spoken:
    a pause at each of its punctuation marks is allowed.
    """
    levels = levels_of(loudness)
    runs = _sounding_runs(_framed(levels), limits)
    if not runs:
        return None
    stretches = [_stretch(levels, run, limits, loudness.after_s) for run in runs]
    start_s, end_s = stretches[0][0], stretches[-1][1]
    gaps = [
        AudioGap(loudness.after_s + a * FRAME_S - start_s, (b - a) * FRAME_S)
        for (_, a), (b, _) in itertools.pairwise(runs)
        if (b - a) * FRAME_S >= limits.gap_s
    ]
    return Speech(
        start_s=start_s,
        end_s=end_s,
        sounding_s=sum(b - a for a, b in stretches),
        gaps=tuple(_without_spoken_pauses(gaps, text, end_s - start_s, limits)),
    )


def later(loudness: Loudness, from_s: float) -> Loudness:
    """Leave out what was heard before `from_s`, in whole frames."""
    frames = max(0, math.ceil((from_s - loudness.after_s) / FRAME_S - 1e-6))
    return Loudness(round(loudness.after_s + frames * FRAME_S, 3), loudness.dbfs[2 * frames :])


def sounding(loudness: Loudness, limits: SpeechLimits) -> list[tuple[float, float]]:
    """List where there is sound, in seconds: begin and end of each stretch."""
    levels = levels_of(loudness)
    runs = _sounding_runs(_framed(levels), limits)
    return [_stretch(levels, run, limits, loudness.after_s) for run in runs]


def _framed(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the level of each frame, from those of its two steps."""
    even = np.append(levels, [FLOOR_DBFS] * (len(levels) % 2))
    return np.asarray(10 * np.log10(np.mean(10 ** (even.reshape(-1, 2) / 10), axis=1)))


def _sounding_runs(levels: NDArray[np.float64], limits: SpeechLimits) -> list[tuple[int, int]]:
    """Return the runs of frames with sound, (first, one past the last), clicks left out."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for frame, level in enumerate(levels):
        if start is None and level > limits.speech_begins_dbfs:
            start = frame
        elif start is not None and level < limits.speech_ends_dbfs:
            runs.append((start, frame))
            start = None
    if start is not None:
        runs.append((start, len(levels)))
    return [run for run in runs if (run[1] - run[0]) * FRAME_S >= limits.click_s]


def _stretch(
    levels: NDArray[np.float64], run: tuple[int, int], limits: SpeechLimits, after_s: float
) -> tuple[float, float]:
    """Return when the sound of a run of frames begins and ends: with a step of its first frame, or of the one before where it already rose, and one of its last."""
    before, last = max(0, 2 * run[0] - 2), 2 * run[1] - 2
    rising = before + int(np.argmax(levels[before : 2 * run[0] + 2] > limits.speech_begins_dbfs))
    falling = last + int(np.flatnonzero(levels[last : last + 2] >= limits.speech_ends_dbfs)[-1])
    return after_s + rising * STEP_S, after_s + (falling + 1) * STEP_S


def _without_spoken_pauses(
    gaps: list[AudioGap], text: str, spoken_s: float, limits: SpeechLimits
) -> list[AudioGap]:
    """Leave out, for each punctuation mark inside the text, the gap nearest to where it should be heard.

    Where it should be heard is its share of the text; a gap further off than a quarter of the speech, or longer than
    a pause between sentences (or, at other marks, within one) may be, is not that pause.
    """
    remaining = list(gaps)
    text = text.strip()
    for mark in _PUNCTUATION.finditer(text):
        expected_s = mark.end() / len(text) * spoken_s
        longest_s = limits.sentence_pause_s if mark["sentence"] else limits.clause_pause_s
        near = [g for g in remaining if g.duration_s <= longest_s and _off(g, expected_s) <= spoken_s / 4]
        if near:
            remaining.remove(min(near, key=lambda gap: _off(gap, expected_s)))
    return remaining


def _off(gap: AudioGap, expected_s: float) -> float:
    return abs(gap.start_s + gap.duration_s / 2 - expected_s)
