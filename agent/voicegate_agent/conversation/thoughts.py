"""What a model that thinks aloud wrote: the answer without the thoughts."""

OPENS, CLOSES = "<think>", "</think>"


class Thoughts:
    """Takes a reply piece by piece and gives out what of it is for the caller.

    Some servers keep the opening tag to themselves, as part of their prompt: then only `</think>` tells that all before it was thought.
    With `hold` nothing is given out before that tag, or before the end if there is none.
    """

    def __init__(self, *, hold: bool) -> None:
        self._hold = hold
        self._text = ""
        self.inside = False
        """Whether what comes is thought, by its tag."""
        self.untagged = False
        """Whether thoughts came without an opening tag: the next reply of such a model must be held as well."""

    def take(self, piece: str) -> str:
        """Take the next piece; give what is certain to be for the caller."""
        self._text += piece
        answer = ""
        while found := self._next_tag():
            before, _, self._text = self._text.partition(found)
            if found == OPENS:
                answer += before
            elif not self.inside:
                self.untagged, answer = True, ""
            self.inside = found == OPENS
            self._hold = self._hold and self.inside
        if self._hold:
            return answer
        sure = len(self._text) - self._begun_tag()
        if not self.inside:
            answer += self._text[:sure]
        self._text = self._text[sure:]
        return answer

    def end(self) -> str:
        """Give what is left of a reply that is over."""
        answer, self._text = "" if self.inside else self._text, ""
        return answer

    def _next_tag(self) -> str | None:
        tags = (CLOSES,) if self.inside else (OPENS, CLOSES)
        return min((tag for tag in tags if tag in self._text), key=self._text.index, default=None)

    def _begun_tag(self) -> int:
        """Count the characters at the end that may be the beginning of a tag."""
        tags = (CLOSES,) if self.inside else (OPENS, CLOSES)
        lengths = (n for tag in tags for n in range(1, len(tag)) if self._text.endswith(tag[:n]))
        return max(lengths, default=0)
