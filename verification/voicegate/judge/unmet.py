"""What `Finding.require` raises when a criterion did not pass: one kind of exception for each other status."""


class UnmetError(Exception):
    """A criterion did not pass; the message is its finding."""


class CriterionFailedError(UnmetError, AssertionError):
    """FAIL: the criterion was measured and is not met."""


class CouldNotMeasureError(UnmetError):
    """ERROR: the recording does not let the criterion be judged, or there is no recording at all."""


class CriterionNotRunError(UnmetError):
    """NOT_RUN: the scenario or the gate file leaves the criterion out."""
