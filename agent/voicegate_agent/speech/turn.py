"""A caller's turn, cut out of sound: when it begins, when to have it heard, when it is over. Decides, and does nothing else."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

RATE_HZ = 16_000
WINDOW_SAMPLES = 512
WINDOW_S = WINDOW_SAMPLES / RATE_HZ

_BEGINS_PROBABILITY = 0.5
_ENDS_PROBABILITY = 0.35


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """Times of a turn in seconds: speech that makes a turn, silence after which it is heard; how much of a silence, and of what came before, is heard.

    From `weak_pause_after_s` on, a turn without a pause is cut where nobody speaks for one window of 32 ms, at `longest_s` wherever it is.
    """

    begins_s: float = 0.064
    heard_after_s: float = 0.096
    kept_silence_s: float = 0.4
    before_s: float = 0.3
    weak_pause_after_s: float = 15.0
    longest_s: float = 25.0


@dataclass(frozen=True, slots=True)
class Step:
    """What one window of sound changed."""

    began: bool = False
    resumed: bool = False
    hear: bytes | None = None
    """The turn so far: the caller may have finished."""
    cut: bytes | None = None
    """A part of a turn that is too long to wait for its end; what follows is heard by itself."""


NOTHING = Step()


class Turn:
    """Takes windows of sound with the probability that they are speech, and what was heard in them, in their order.

    `wait_s` says how long a silence ends a turn with these words; none do without words.
    """

    def __init__(self, wait_s: Callable[[str], float], limits: TurnLimits | None = None) -> None:
        self._wait_s = wait_s
        self._limits = limits or TurnLimits()
        self._before: deque[bytes] = deque(maxlen=round(self._limits.before_s / WINDOW_S))
        self._windows: list[bytes] = []
        self._sounding = False
        self._asked = False
        self._needed_s: float | None = None
        self.active = False
        self.speech_s = 0.0
        self.silence_s = 0.0

    @property
    def over(self) -> bool:
        """Whether the caller has been silent for long enough, after what was heard."""
        return self.active and self._needed_s is not None and self.silence_s >= self._needed_s - WINDOW_S / 2

    def listen(self, window: bytes, probability: float) -> Step:
        """Take the next 32 ms."""
        self._sounding = probability >= (_ENDS_PROBABILITY if self._sounding else _BEGINS_PROBABILITY)
        if self.active:
            if self._sounding or self.silence_s < self._limits.kept_silence_s:
                self._windows += [*self._before, window]
                self._before.clear()
            else:
                self._before.append(window)  # a word may begin softly
            return self._speech() if self._sounding else self._silence()
        self._before.append(window)
        self.speech_s = self.speech_s + WINDOW_S if self._sounding else 0.0
        if self.speech_s < self._limits.begins_s:
            return NOTHING
        self.active = True
        self._windows = list(self._before)
        self._before.clear()
        return Step(began=True)

    def heard(self, text: str) -> None:
        """Take what was said in the turn so far; it does not count if the caller went on."""
        if self._asked:
            self._needed_s = self._wait_s(text)

    def end(self) -> None:
        """Forget the turn; the silence at its end comes before the next one's sound."""
        silent = min(round(self.silence_s / WINDOW_S), len(self._windows))
        self._before = deque(
            (*self._windows[len(self._windows) - silent :], *self._before), self._before.maxlen
        )
        self._windows = []
        self._asked, self._needed_s = False, None
        self.active, self.speech_s, self.silence_s = False, 0.0, 0.0

    def _speech(self) -> Step:
        self.speech_s += WINDOW_S
        self.silence_s = 0.0
        resumed, self._asked, self._needed_s = self._asked, False, None
        return Step(resumed=resumed, cut=self._cut() if self._recorded_s >= self._limits.longest_s else None)

    def _silence(self) -> Step:
        self.silence_s += WINDOW_S
        if self._recorded_s >= self._limits.longest_s or (
            self._recorded_s >= self._limits.weak_pause_after_s and not self._asked
        ):
            return Step(cut=self._cut())
        if self._asked or self.silence_s < self._limits.heard_after_s - WINDOW_S / 2:
            return NOTHING
        self._asked = True
        return Step(hear=b"".join(self._windows))

    @property
    def _recorded_s(self) -> float:
        return len(self._windows) * WINDOW_S

    def _cut(self) -> bytes:
        part, self._windows = b"".join(self._windows), []
        return part
