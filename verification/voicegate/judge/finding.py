"""What a judge says: a status, the measurements behind it, and the evidence for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import isnan

from voicegate.exit_codes import worst
from voicegate.judge.unmet import (
    CouldNotMeasureError,
    CriterionFailedError,
    CriterionNotRunError,
)
from voicegate.quantity import Unit, format_amount, format_quantity


class Status(Enum):
    """How a criterion came out. Only PASS passes: ERROR says that it could not be measured."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    ERROR = "error"
    NOT_RUN = "not_run"


class Side(Enum):
    """On which side of its limit a value has to be."""

    BELOW = "<"
    AT_MOST = "≤"
    AT_LEAST = "≥"
    EXACTLY = "="


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit and the side of it that is allowed, in the unit of the measurement it belongs to."""

    side: Side
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value is on the allowed side."""
        match self.side:
            case Side.BELOW:
                return value < self.limit
            case Side.AT_MOST:
                return value <= self.limit
            case Side.AT_LEAST:
                return value >= self.limit
            case Side.EXACTLY:
                return value == self.limit

    def margin(self, value: float) -> float:
        """How far inside the limit a value is; negative outside."""
        match self.side:
            case Side.BELOW | Side.AT_MOST:
                return self.limit - value
            case Side.AT_LEAST:
                return value - self.limit
            case Side.EXACTLY:
                return -abs(value - self.limit)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value, what it was held against, and how well it is known.

    `metric` says what was measured (tree PSS, log lines, word error rate), `low` and `high` enclose the
    value where it is uncertain, `window_s` is the time it was measured over; `decided` is set by judges with
    a rule of their own.
    """

    what: str
    value: float
    unit: Unit
    metric: str
    bound: Bound
    samples: int
    window_s: float | None = None
    low: float | None = None
    high: float | None = None
    decided: Status | None = None

    @property
    def status(self) -> Status:
        """PASS or FAIL when the whole interval is on one side of the limit, ERROR when the limit is inside it, or no number."""
        if self.decided is not None:
            return self.decided
        edges = [self.value if edge is None else edge for edge in (self.low, self.high)]
        verdicts = {self.bound.holds(edge) for edge in edges}
        unsure = len(verdicts) == 2 or min(edges) < self.bound.limit < max(edges)
        if unsure or any(map(isnan, (self.value, *edges))):
            return Status.ERROR
        return Status.PASS if verdicts == {True} else Status.FAIL

    @property
    def margin(self) -> float:
        """How far inside the limit the value is; negative outside; in the value's unit."""
        return self.bound.margin(self.value)

    @property
    def value_text(self) -> str:
        """The value with its unit."""
        return format_quantity(self.value, self.unit)

    @property
    def limit_text(self) -> str:
        """The limit with its side."""
        return f"{self.bound.side.value} {format_amount(self.bound.limit, self.unit)}"

    @property
    def interval_text(self) -> str:
        """The interval the value is known to lie in; empty where it is exact."""
        if self.low is None or self.high is None:
            return ""
        return f"{format_amount(self.low, self.unit)} to {format_amount(self.high, self.unit)}"

    def urgency(self) -> tuple[int, float]:
        """Sort key: what failed, what is unsure, then what came nearest to its limit; counts last."""
        rank = (Status.FAIL, Status.ERROR, Status.PASS).index(self.status)
        if self.unit == "count" or not self.bound.limit:
            return rank, float("inf")
        return rank, self.margin / abs(self.bound.limit)


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one criterion.

    `evidence` are sentences that name phases, calls and log lines; `stability` says how steady the
    measurement was; `advice` says what to do about a FAIL or an ERROR, and how to have run what was NOT RUN.
    """

    id: str
    title: str
    status: Status
    reason: str
    measurements: tuple[Measurement, ...] = ()
    evidence: tuple[str, ...] = ()
    stability: str = ""
    advice: str = ""

    @property
    def headline(self) -> Measurement | None:
        """The measurement that decided, or that came closest to its limit; None if nothing was measured."""
        if not self.measurements:
            return None
        return min(self.measurements, key=lambda measurement: measurement.urgency())

    def short(self) -> str:
        """One line: why it came out like this, or what was measured."""
        if self.reason or self.headline is None:
            return self.reason
        return f"{self.headline.what} ({self.headline.metric})"

    def long(self) -> str:
        """Everything, as a few lines of text."""
        lines = [f"{self.id} {self.status.name}: {self.short()}"]
        lines += [f"  {line}" for line in map(describe, self.measurements)]
        lines += [f"  - {line}" for line in self.evidence]
        if self.stability:
            lines.append(f"  stability: {self.stability}")
        if self.advice:
            lines.append(f"  what to do: {self.advice}")
        return "\n".join(lines)

    def require(self) -> None:
        """Return if the criterion passed.

        Raises CriterionFailedError (an AssertionError) on FAIL, CouldNotMeasureError on ERROR, both with `long()` as
        the message, and CriterionNotRunError on NOT_RUN, with the reason.
        """
        match self.status:
            case Status.FAIL:
                raise CriterionFailedError(self.long())
            case Status.ERROR:
                raise CouldNotMeasureError(self.long())
            case Status.NOT_RUN:
                raise CriterionNotRunError(self.reason)


def counted(what: str, value: int, wanted: int, of: str, samples: int) -> Measurement:
    """Measure a number that must be exactly the wanted one; `of` says what was counted."""
    return Measurement(what, value, "count", of, Bound(Side.EXACTLY, wanted), samples)


def describe(measurement: Measurement) -> str:
    """One line on a measurement: value, interval, limit, number of samples and window."""
    interval = f" [{measurement.interval_text}]" if measurement.interval_text else ""
    window = "" if measurement.window_s is None else f" over {measurement.window_s:.1f} s"
    return (
        f"{measurement.what}: {measurement.value_text}{interval}, limit {measurement.limit_text}"
        f" ({measurement.metric}, {measurement.samples} samples{window})"
    )


def overall(findings: Iterable[Finding]) -> Status:
    """Decide the whole: FAIL before ERROR before PASS; nothing that passed at all is ERROR."""
    return Status(worst(finding.status.value for finding in findings))
