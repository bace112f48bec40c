"""How far this machine's clock is ahead of another's: the other says its time, and how long the answer took says how exact that is.

Clocks are monotonic ones, which begin at another time on each machine. A wall clock would do for machines that keep theirs right;
that somebody's is wrong is seen nowhere.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MOST_S = 0.25
"""So far off an event may be put: half of the time between two samples of memory, with which L4 compares it."""

_KEPT = 1_000  # answers of all workers of a machine: clocks drift, by 0.05 s in 17 minutes at most


def boot_id() -> str:
    """Name this machine, as long as it runs."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


@dataclass(frozen=True, slots=True)
class _Answer:
    within_s: float
    ahead_s: float


@dataclass(slots=True)
class MachineClocks:
    """What is known of the clocks of other machines, by their boot ids."""

    _answers: dict[str, deque[_Answer]] = field(default_factory=dict)

    def note(self, boot: str, asked_t: float, their_t: float, back_t: float) -> None:
        """Take an answer: it was asked for at `asked_t` and here at `back_t` by our clock; the other's showed `their_t` in between."""
        answers = self._answers.setdefault(boot, deque(maxlen=_KEPT))
        answers.append(_Answer((back_t - asked_t) / 2, (asked_t + back_t) / 2 - their_t))

    def of(self, boot: str) -> Mapping[str, float]:
        """Say by how much our clock is ahead, `ahead_s`, and how exact that is, `within_s`: by the quickest answer; empty if there is none."""
        if boot not in self._answers:
            return {}
        best = min(self._answers[boot], key=lambda answer: answer.within_s)
        return {"ahead_s": best.ahead_s, "within_s": best.within_s}
