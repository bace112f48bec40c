"""Sound on the recording's clock: pieces that came with a time each, laid out as one track."""

import itertools

import numpy as np
from numpy.typing import NDArray

from voicegate.record.wav import Samples

RATE = 16_000
"""Samples per second of every track."""

_SETTLE_S = 0.5
_JITTER_S = 0.06


class Track:
    """Pieces of sound and the time each one's first sample was sent or arrived, in the order they came."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._pieces: list[Samples] = []

    def add(self, t: float, samples: Samples) -> None:
        """Add a piece, shape (n,), that began at `t` seconds on the recording's clock."""
        self._times.append(t)
        self._pieces.append(samples)

    def render(self, start_t: float, end_t: float, *, arrived: bool) -> Samples:
        """Return the track from `start_t` to `end_t`, silent where there was nothing.

        With `arrived`, the times are those at which our program got the pieces, which may be late but never
        early: they are first put back to where a steady stream has them.
        """
        track = np.zeros(max(0, round((end_t - start_t) * RATE)), np.int16)
        starts = np.array(self._times)
        if arrived and len(starts):
            starts = steady_starts(starts, np.array([len(piece) for piece in self._pieces]) / RATE)
        for start, piece in zip(np.round((starts - start_t) * RATE).astype(int), self._pieces, strict=True):
            first, last = max(0, start), min(len(track), start + len(piece))
            if first < last:
                track[first:last] = piece[first - start : last - start]
        return track


def steady_starts(arrivals: NDArray[np.float64], durations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when each piece of a stream began, given when it arrived; seconds, shape (n,).

    A stream in real time delivers each piece when it is due; what a busy program sees late comes in a burst and is
    late for a moment only. So the stream is as late as its least late piece, and only a delay that stays for half a
    second is a pause of the stream, after which it is as late as the least late piece that follows.
    """
    due = np.concatenate([[0.0], np.cumsum(durations)[:-1]])
    lateness = arrivals - due
    until = np.searchsorted(due, due + _SETTLE_S, side="right")
    full = max(1, int(np.searchsorted(until, len(due))))
    lasting = np.array([lateness[i : until[i]].min() for i in range(full)])
    pauses = _steps_up(lasting)
    starts = due.copy()
    for first, last in itertools.pairwise([0, *pauses, len(due)]):
        starts[first:last] += lateness[first:last].min()
    return starts


def _steps_up(lasting: NDArray[np.float64]) -> list[int]:
    """Return the indices where a lasting lateness rises by more than jitter."""
    steps: list[int] = []
    level = lasting[0]
    for index, value in enumerate(lasting):
        if value - level > _JITTER_S:
            steps.append(index)
            level = value
        level = min(level, value)
    return steps
