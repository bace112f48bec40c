"""What a recording does not show: a part that is missing, one that was never planned, and a reason not to trust the rest."""

from dataclasses import dataclass


class NotMeasured(Exception):  # noqa: N818 - an answer, not a fault
    """The recording does not hold what is to be measured; `advice` says how to get it."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class NotRun(Exception):  # noqa: N818 - an answer, not a fault
    """The scenario or the configuration leaves it out; `advice`, if there is any, says how to have it run."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Caveat:
    """A reason why measurements within their limits do not show that a criterion is met, and what to do about it."""

    reason: str
    advice: str = "run again, to the end"
