"""Handing clips out to callers, so that a code that comes back tells whose it is."""

from collections import deque
from collections.abc import Iterable

from voicegate.drive.clips.library import Clip, ClipError, ClipLibrary
from voicegate.drive.scenario import Calls, Step
from voicegate.names import ClipKind

REST_CALLS = 10
"""So many calls must have ended after a code's call before somebody else may say it."""


class ClipSupply:
    """Hands out each code once as long as there are any, then those not heard for long; the sentences in turns."""

    def __init__(self, library: ClipLibrary) -> None:
        self._codes = deque(library.codes)
        self._sentences = deque(library.sentences)
        self._spoken: deque[tuple[Clip, int]] = deque()
        self._ended_calls = 0

    def take(self, kind: ClipKind) -> Clip:
        """Return a clip of this kind; a code where there are no sentences. Raises ClipError when codes run out."""
        if kind == "sentence" and self._sentences:
            self._sentences.rotate(-1)
            return self._sentences[-1]
        if self._codes:
            return self._codes.popleft()
        if self._spoken and self._ended_calls - self._spoken[0][1] >= REST_CALLS:
            return self._spoken.popleft()[0]
        raise ClipError(
            "There are not enough clips with different codes for this scenario: a code is said again only when "
            f"{REST_CALLS} other calls have ended since"
        )

    def take_for(self, calls: Calls) -> list[list[Clip]]:
        """Return the clips of each caller. Raises ClipError when codes run out."""
        return [[self.take(kind) for kind in calls.turns] for _ in range(calls.callers)]

    def end_call(self, clips: Iterable[Clip]) -> None:
        """Take the clips of a call back that has ended."""
        self._ended_calls += 1
        self._spoken.extend((clip, self._ended_calls) for clip in clips if clip.code is not None)


def check_supply(library: ClipLibrary, steps: Iterable[Step]) -> None:
    """See that there are clips for all of these steps. Raises ClipError."""
    supply = ClipSupply(library)
    for step in steps:
        if isinstance(step, Calls):
            for clips in supply.take_for(step):
                supply.end_call(clips)
