"""Which number of calls is tried next: doubled until one does not hold, then halved in between; pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

LEAST_TURNS = 20
"""So many answered turns have one beyond the 95th percentile."""

CALLERS_PER_S = 2.0
"""How fast callers come: a burst would judge dialing, not talking."""

_SPARE = 1.2
_TURN_S = (
    10.0  # measured: a caller who thinks for 0 to 3 s and hangs up after three turns takes 8 to 11 s for each
)
_GREETED_S = 6.0
_BEFORE_S = 45.0  # server and agent start, one call to warm up
_AROUND_S = 15.0  # Locust and its callers start, the last of them finish, a rest


@dataclass(frozen=True, slots=True)
class Search:
    """What may be tried: up to `most_calls` at once. `level_time_s` is how long each level is judged, None: as long as it takes."""

    most_calls: int
    level_time_s: float | None = None
    ordinary_s: float = 60.0

    def following(self, held: Mapping[int, bool]) -> int | None:
        """Return how many calls are tried next, given which numbers held; None when the answer is known."""
        best, first_broken = best_and_broken(held)
        if first_broken is None:
            following = min(2 * best, self.most_calls) if best else 1
            return following if following > best else None
        return (best + first_broken) // 2 if first_broken - best > 1 else None

    def judged_s(self, calls: int, turn_s: float | None = None) -> float:
        """Return how long a level is to be judged, in seconds; `turn_s` is what a turn took a caller until now."""
        if self.level_time_s is not None:
            return self.level_time_s
        return max(self.ordinary_s, math.ceil(LEAST_TURNS * _SPARE * (turn_s or _TURN_S) / calls))

    def run_s(self, calls: int, turn_s: float | None = None) -> float:
        """Return how long the callers of a level are kept calling: until all are greeted, and as long as is judged."""
        return calls / CALLERS_PER_S + _GREETED_S + self.judged_s(calls, turn_s)

    def duration_s(self) -> tuple[float, float]:
        """Return about how long the search takes at least and at most, whatever the capacity turns out to be."""
        lengths = [self._length_s(capacity) for capacity in range(self.most_calls + 1)]
        return min(lengths), max(lengths)

    def _length_s(self, capacity: int) -> float:
        held: dict[int, bool] = {}
        length_s = _BEFORE_S
        while (calls := self.following(held)) is not None:
            held[calls] = calls <= capacity
            length_s += self.run_s(calls) + _AROUND_S
        return length_s


def best_and_broken(held: Mapping[int, bool]) -> tuple[int, int | None]:
    """Return the largest number of calls that held below all that did not, or 0; and the smallest that did not, None if all did."""
    first_broken = min((calls for calls, ok in held.items() if not ok), default=None)
    holding = [calls for calls, ok in held.items() if ok and (first_broken is None or calls < first_broken)]
    return max(holding, default=0), first_broken
