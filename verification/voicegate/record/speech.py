"""Measuring speech in a track: where it begins and ends, where it is silent, whether it clips."""

import itertools
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicegate.limits import SHORTEST_GAP_S
from voicegate.record.events import AudioGap
from voicegate.record.wav import Samples

FRAME_S = 0.01
BEGINS_DBFS = -40.0
ENDS_DBFS = -50.0
SHORTEST_SOUND_S = 0.03
LONGEST_SENTENCE_PAUSE_S = 1.0
LONGEST_CLAUSE_PAUSE_S = 0.5
SHORTEST_FLAT_TOP = 3
_FULL_SCALE = 32768
_PUNCTUATION = re.compile(r"(?:(?P<sentence>[.!?])|[,;:\u2013\u2014])+[\"')\]]*\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Speech:
    """Speech in a piece of sound; seconds from the start of the piece.

    `sounding_s` leaves out silence. `gaps` are silences of at least SHORTEST_GAP_S between `start_s` and `end_s` that are
    no pause at a punctuation mark, relative to `start_s`. `clipped_samples` lie in flat tops: at least
    SHORTEST_FLAT_TOP samples in a row at full scale (a lone peak there is loud, not clipped).
    """

    start_s: float
    end_s: float
    sounding_s: float
    gaps: tuple[AudioGap, ...]
    clipped_samples: int


def measure_speech(samples: Samples, rate: int, text: str = "") -> Speech | None:
    """Measure the speech in `samples`, shape (n,); None when there is only silence.

    Sound begins in a frame of 10 ms above BEGINS_DBFS and lasts until one below ENDS_DBFS; anything shorter than
    SHORTEST_SOUND_S is a click, no speech. `text` is what is spoken: a pause at each of its punctuation marks is allowed.
    """
    runs = _sounding_runs(_levels(samples, rate))
    if not runs:
        return None
    first, last = runs[0][0], runs[-1][1]
    silences = [(before[1], after[0]) for before, after in itertools.pairwise(runs)]
    start_s = _first_audible(samples, rate, first)
    gaps = [
        AudioGap(a * FRAME_S - start_s, (b - a) * FRAME_S)
        for a, b in silences
        if (b - a) * FRAME_S >= SHORTEST_GAP_S
    ]
    spoken_s = last * FRAME_S - start_s
    return Speech(
        start_s=start_s,
        end_s=last * FRAME_S,
        sounding_s=sum(b - a for a, b in runs) * FRAME_S,
        gaps=tuple(_without_spoken_pauses(gaps, text, spoken_s)),
        clipped_samples=_clipped(samples),
    )


def _clipped(samples: Samples) -> int:
    """Count the samples in flat tops."""
    full = np.abs(samples.astype(np.int32)) >= _FULL_SCALE - 1
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= SHORTEST_FLAT_TOP].sum())


def _levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return the level of each whole frame in dB of full scale."""
    size = round(rate * FRAME_S)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    power: NDArray[np.float64] = np.mean((frames / _FULL_SCALE) ** 2, axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))


def _sounding_runs(levels: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the runs of frames with sound, (first, one past the last), clicks left out."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for frame, level in enumerate(levels):
        if start is None and level > BEGINS_DBFS:
            start = frame
        elif start is not None and level < ENDS_DBFS:
            runs.append((start, frame))
            start = None
    if start is not None:
        runs.append((start, len(levels)))
    return [run for run in runs if (run[1] - run[0]) * FRAME_S >= SHORTEST_SOUND_S]


def _first_audible(samples: Samples, rate: int, frame: int) -> float:
    """Return when sound begins, to the sample: the frame's, or where it already rose in the frame before."""
    size = round(rate * FRAME_S)
    first = max(0, (frame - 1) * size)
    loud = np.abs(samples[first : (frame + 1) * size].astype(np.int32)) > _FULL_SCALE * 10 ** (
        BEGINS_DBFS / 20
    )
    return float(first + int(np.argmax(loud))) / rate


def _without_spoken_pauses(gaps: list[AudioGap], text: str, spoken_s: float) -> list[AudioGap]:
    """Leave out, for each punctuation mark inside the text, the gap nearest to where it should be heard.

    Where it should be heard is its share of the text; a gap further off than a quarter of the speech, or longer than
    a pause between sentences (or, at other marks, within one) may be, is not that pause.
    """
    remaining = list(gaps)
    text = text.strip()
    for mark in _PUNCTUATION.finditer(text):
        expected_s = mark.end() / len(text) * spoken_s
        longest_s = LONGEST_SENTENCE_PAUSE_S if mark["sentence"] else LONGEST_CLAUSE_PAUSE_S
        near = [g for g in remaining if g.duration_s <= longest_s and _off(g, expected_s) <= spoken_s / 4]
        if near:
            remaining.remove(min(near, key=lambda gap: _off(gap, expected_s)))
    return remaining


def _off(gap: AudioGap, expected_s: float) -> float:
    return abs(gap.start_s + gap.duration_s / 2 - expected_s)
