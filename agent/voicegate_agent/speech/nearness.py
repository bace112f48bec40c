"""Whether it is the caller who speaks, or somebody far behind: a television, a colleague. By loudness, in one call."""

import numpy as np

from voicegate_agent.speech.turn import WINDOW_SAMPLES

_LOUD_SHARE = 90
_SILENT_DBFS = -100.0
_FORGETS_DB = 2.0


class Nearness:
    """Knows how loud the caller usually is, from the turns that were taken for the caller's.

    Each time somebody is taken to be far the usual loudness comes down by 2 dB, so that a caller who put the telephone down is not ignored for ever.
    """

    def __init__(self, below_db: float) -> None:
        self._below_db = below_db
        self._usual_dbfs: float | None = None

    def is_far(self, level_dbfs: float) -> bool:
        """Whether this is so much softer than usual; nobody is before the first turn, nor if `below_db` is 0."""
        return (
            self._below_db > 0
            and self._usual_dbfs is not None
            and level_dbfs < self._usual_dbfs - self._below_db
        )

    def note(self, level_dbfs: float) -> None:
        """Take the level of a turn that is over."""
        if self._usual_dbfs is None:
            self._usual_dbfs = level_dbfs
        elif self.is_far(level_dbfs):
            self._usual_dbfs -= _FORGETS_DB
        else:
            self._usual_dbfs = (self._usual_dbfs + level_dbfs) / 2


def level_dbfs(pcm: bytes) -> float:
    """Say how loud speech in mono signed 16-bit samples is: that of windows of 32 ms which nine of ten do not exceed."""
    samples = np.frombuffer(pcm, np.int16)[: len(pcm) // 2 // WINDOW_SAMPLES * WINDOW_SAMPLES]
    if not len(samples):
        return _SILENT_DBFS
    powers = np.square(samples.reshape(-1, WINDOW_SAMPLES) / 32768.0).mean(axis=1)
    return float(10 * np.log10(max(np.percentile(powers, _LOUD_SHARE), 10 ** (_SILENT_DBFS / 10))))
