"""Handing clips out to callers, so that no code is spoken twice in a run."""

from collections import deque
from typing import Literal

from verification.drive.clips.library import Clip, ClipError, ClipLibrary

ClipKind = Literal["code", "sentence"]


class ClipSupply:
    """Hands out each code once, so that it can come back in one call only, and the sentences in turns."""

    def __init__(self, library: ClipLibrary) -> None:
        self._codes = deque(library.codes)
        self._sentences = deque(library.sentences)

    def take(self, kind: ClipKind) -> Clip:
        """Return a clip of this kind; a code where there are no sentences. Raises ClipError when codes run out."""
        if kind == "sentence" and self._sentences:
            self._sentences.rotate(-1)
            return self._sentences[-1]
        if not self._codes:
            raise ClipError("There are not enough clips with different codes for this scenario")
        return self._codes.popleft()
