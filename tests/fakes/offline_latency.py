"""The callers' wait measured a second time, from a call's two tracks alone, so that a mistake in the first shows.

Nothing is shared with the gate's own measurement but what counts as sound: it begins above BEGINS_DBFS and lasts until below ENDS_DBFS.
There, sound is cut into frames of 10 ms where the run had its turns; here, a window slides over the whole call,
millisecond by millisecond, and the turns are found in the caller's track: they lie between its longest silences.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from voicegate.record.wav import Samples

BEGINS_DBFS = -40.0
ENDS_DBFS = -50.0
WINDOW_S = 0.005
HOP_S = 0.001
SHORTEST_SOUND_S = 0.03
LONGEST_DIP_S = 0.01
_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class _Sound:
    """A stretch of sound, seconds from the start of its track."""

    start_s: float
    end_s: float


def latencies(said: Samples, heard: Samples, rate: int, turns: int) -> tuple[float | None, ...]:
    """Measure each turn's wait in two tracks, shape (n,), that begin together; seconds, None where nothing answers.

    It runs from the last sound of an utterance to the first sound that is heard between its first sound and the next
    utterance's, and is negative when that came before the utterance had ended.
    """
    utterances = _utterances(_sounds(said, rate), turns)
    if len(utterances) != turns:
        return (None,) * turns
    answers = _sounds(heard, rate)
    ends = [utterance.start_s for utterance in utterances[1:]] + [float("inf")]
    return tuple(
        _wait(utterance, until_s, answers) for utterance, until_s in zip(utterances, ends, strict=True)
    )


def _wait(utterance: _Sound, until_s: float, answers: Sequence[_Sound]) -> float | None:
    for answer in answers:
        begin_s = max(answer.start_s, utterance.start_s)
        if begin_s < min(answer.end_s, until_s):
            return begin_s - utterance.end_s
    return None


def _utterances(sounds: Sequence[_Sound], count: int) -> list[_Sound]:
    """Put sounds together to `count` utterances, with the longest silences between them; fewer if there are fewer."""
    if not sounds:
        return []
    silences = [after.start_s - before.end_s for before, after in itertools.pairwise(sounds)]
    longest = sorted(range(len(silences)), key=lambda at: silences[at], reverse=True)[: count - 1]
    firsts = [0, *(at + 1 for at in sorted(longest)), len(sounds)]
    return [_Sound(sounds[a].start_s, sounds[b - 1].end_s) for a, b in itertools.pairwise(firsts)]


def _sounds(samples: Samples, rate: int) -> list[_Sound]:
    """Find every stretch of sound: around each loud window, as far as it stays audible."""
    levels = _sliding_levels(samples, rate)
    audible = _stretches(levels >= ENDS_DBFS, bridge=round(LONGEST_DIP_S / HOP_S))
    loud = np.flatnonzero(levels > BEGINS_DBFS)
    sounds = []
    for first, end in audible:
        begin = int(np.searchsorted(loud, first))
        if begin == len(loud) or loud[begin] >= end:
            continue
        sound = _Sound(loud[begin] * HOP_S + WINDOW_S / 2, end * HOP_S + WINDOW_S / 2)
        if sound.end_s - sound.start_s >= SHORTEST_SOUND_S:
            sounds.append(sound)
    return sounds


def _sliding_levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return the level of the window that begins at each hop, in dB of full scale."""
    energy = np.concatenate([[0.0], np.cumsum((samples.astype(np.float64) / _FULL_SCALE) ** 2)])
    size, hop = round(rate * WINDOW_S), rate * HOP_S
    starts = np.round(np.arange(max(0, int((len(samples) - size) / hop))) * hop).astype(int)
    power = (energy[starts + size] - energy[starts]) / size
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))


def _stretches(held: NDArray[np.bool_], bridge: int) -> list[tuple[int, int]]:
    """List the stretches (first, one past the last) that hold, over dips of at most `bridge`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]]).astype(np.int8)))
    stretches: list[tuple[int, int]] = []
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stretches and first - stretches[-1][1] <= bridge:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((first, end))
    return stretches
