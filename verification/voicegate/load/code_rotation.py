"""Clips for callers who come and go without end: no two who talk at once say the same code, as long as there are enough."""

import random
from collections import Counter
from collections.abc import Iterable

from voicegate.drive.clips.library import Clip, ClipLibrary
from voicegate.names import ClipKind


class CodeRotation:
    """Hands out codes, the one that rests longest first, and sentences in turns; `seed` sets the order."""

    def __init__(self, library: ClipLibrary, seed: int) -> None:
        order = random.Random(seed)
        self._codes = order.sample(library.codes, len(library.codes))
        self._sentences = order.sample(library.sentences, len(library.sentences))
        self._in_use: Counter[str] = Counter()

    def take(self, kinds: Iterable[ClipKind]) -> list[Clip]:
        """Return the clips of a call, one of each kind; a code where there are no sentences."""
        return [self._take(kind) for kind in kinds]

    def give_back(self, clips: Iterable[Clip]) -> None:
        """End a call: its codes may be said again."""
        self._in_use.subtract(clip.code for clip in clips if clip.code is not None)

    def foreign(self, clips: Iterable[Clip]) -> frozenset[str]:
        """Return the codes of all other calls that are not among these clips."""
        return frozenset(+self._in_use) - {clip.code for clip in clips if clip.code is not None}

    def _take(self, kind: ClipKind) -> Clip:
        clips = self._sentences if kind == "sentence" and self._sentences else self._codes
        index = next((at for at, clip in enumerate(clips) if not self._in_use[clip.code or ""]), 0)
        clip = clips.pop(index)
        clips.append(clip)
        if clip.code is not None:
            self._in_use[clip.code] += 1
        return clip
