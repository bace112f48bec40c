"""Handing clips out to callers, so that a code that comes back tells whose it is."""

import random
from collections import Counter, deque
from collections.abc import Iterable
from itertools import chain

from voicegate.drive.clips.library import Clip, ClipLibrary
from voicegate.drive.errors import ClipError
from voicegate.drive.scenario import Calls, Step

REST_CALLS = 10
"""So many calls must have ended after a code's call before somebody else may say it."""


class ClipSupply:
    """Hands out the code that nobody has said for longest, and the sentences in turns.

    With a `seed`, which sets the order, callers come and go without end: a code need not rest between two calls, and is shared
    by callers who talk at once when there are more of them than codes.
    """

    def __init__(self, library: ClipLibrary, seed: int | None = None) -> None:
        order = random.Random(seed or 0)
        self._endless = seed is not None
        self._codes = (
            order.sample(library.codes, len(library.codes)) if self._endless else list(library.codes)
        )
        self._sentences = deque(library.sentences)
        self._named = {clip.name: clip for clip in library.clips}
        self._in_use: Counter[str] = Counter()
        self._ended_calls = 0
        self._ended_at: dict[str, int] = {}

    def take(self, kind: str, pause: bool = False) -> Clip:
        """Return a clip of this kind, or the one with this name; a code where there are no sentences. Raises ClipError when codes run out.

        For a `pause` it is one of the codes of which it is known where a speaker can pause, if there are any.
        """
        if kind == "sentence" and self._sentences:
            self._sentences.rotate(-1)
            return self._sentences[-1]
        if kind in self._named:
            return self._taken(self._named[kind])
        free = [at for at, clip in enumerate(self._codes) if self._is_free(clip.code or "")]
        fit = (at for at in free if not pause or self._codes[at].pause_s is not None)
        index = next(chain(fit, free, (0,) if self._endless else ()), None)
        if index is None:
            raise ClipError(
                "There are not enough clips with different codes for this scenario: a code is said again only when "
                f"{REST_CALLS} other calls have ended since"
            )
        clip = self._codes.pop(index)
        self._codes.append(clip)
        return self._taken(clip)

    def _taken(self, clip: Clip) -> Clip:
        if clip.code is not None:
            self._in_use[clip.code] += 1
        return clip

    def take_for(self, calls: Calls) -> list[list[Clip]]:
        """Return the clips of each caller. Raises ClipError when codes run out."""
        return [[self.take(*wanted) for wanted in calls.clips] for _ in range(calls.callers)]

    def end_call(self, clips: Iterable[Clip]) -> None:
        """Take the clips of a call back that has ended."""
        self._ended_calls += 1
        for clip in clips:
            if clip.code is not None:
                self._in_use[clip.code] -= 1
                self._ended_at[clip.code] = self._ended_calls

    def foreign(self, clips: Iterable[Clip]) -> frozenset[str]:
        """Return the codes that other calls speak now and that are not among these clips."""
        return frozenset(+self._in_use) - {clip.code for clip in clips if clip.code is not None}

    def _is_free(self, code: str) -> bool:
        if self._in_use[code] > 0:
            return False
        ended_at = self._ended_at.get(code)
        return self._endless or ended_at is None or self._ended_calls - ended_at >= REST_CALLS


def check_supply(library: ClipLibrary, steps: Iterable[Step]) -> None:
    """See that there are clips for all of these steps. Raises ClipError."""
    supply = ClipSupply(library)
    for step in steps:
        if isinstance(step, Calls):
            for clips in supply.take_for(step):
                supply.end_call(clips)
