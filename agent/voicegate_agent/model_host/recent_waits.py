"""How long turns had to wait lately, by which new calls are refused before those that run suffer."""

import collections
import statistics
import time
from collections.abc import Callable

LEAST_TURNS = 3
"""Of fewer turns nothing is concluded: one may have been unlucky."""


class RecentWaits:
    """The waits of the last `window_s` seconds."""

    def __init__(self, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._waits: collections.deque[tuple[float, float]] = collections.deque()

    def note(self, waited_s: float) -> None:
        """Keep the wait of a turn that ends now, or the one for which it was refused."""
        self._forget()
        self._waits.append((self._clock(), waited_s))

    @property
    def typical_s(self) -> float:
        """The median, in seconds; 0 when there were too few turns to say."""
        self._forget()
        waits = [waited_s for _, waited_s in self._waits]
        return statistics.median(waits) if len(waits) >= LEAST_TURNS else 0.0

    def _forget(self) -> None:
        oldest_s = self._clock() - self._window_s
        while self._waits and self._waits[0][0] < oldest_s:
            self._waits.popleft()
