"""What a measuring function says: a conclusion, or why there is none."""

from dataclasses import dataclass

from voicegate.judge.finding import Measurement


class NotMeasured(Exception):  # noqa: N818 - an answer, not a fault
    """The recording does not hold what the criterion needs; `advice` says how to get it."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class NotRun(Exception):  # noqa: N818 - an answer, not a fault
    """The scenario or the configuration leaves the criterion out."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why measurements within their limits do not show that a criterion is met, or not for long, and what to do."""

    reason: str
    advice: str = "record a whole run again"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was measured for a criterion.

    With `doubts` a criterion does not pass even if all measurements are within their limits; with `warnings` it does,
    and says so. `met` says in a sentence what a PASS means, `advice` what to do about a FAIL.
    """

    measurements: tuple[Measurement, ...]
    evidence: tuple[str, ...] = ()
    stability: str = ""
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[Doubt, ...] = ()
    met: str = ""
    advice: str = ""
