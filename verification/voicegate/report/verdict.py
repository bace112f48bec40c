"""The verdict as data: `verdict.json`, and what every other form of the report is made from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from voicegate.exit_codes import Outcome, worst
from voicegate.judge.criterion import short_id
from voicegate.judge.finding import Finding, Measurement, Status
from voicegate.measure.phases import last_t
from voicegate.measure.waits import Latency, latency_of
from voicegate.quantity import Unit, format_amount, written_time
from voicegate.record.events import AgentVariant, Recording
from voicegate.report.document import Document, Part

VERDICT = "verdict.json"
StatusName = Literal["pass", "fail", "error", "not_run"]
STATUS_NAMES: dict[StatusName, str] = {
    "pass": "PASS",
    "fail": "FAIL",
    "error": "ERROR",
    "not_run": "NOT RUN",
}


class MeasurementResult(Part):
    """One measured value and its limit; both and `low`, `high` and `margin` in `unit`."""

    what: str
    status: StatusName
    observed: float
    low: float | None = None
    high: float | None = None
    unit: Unit
    metric: str
    limit: float
    side: Literal["<", "≤", "≥", "="]
    margin: float
    samples: int
    window_s: float | None = None


def stable_names(measurements: Sequence[MeasurementResult]) -> tuple[str, ...]:
    """Name the measurements of a criterion as they are called in every run.

    What stands behind a comma is left out, as it tells in which call or phase that was in this run, unless it tells two of them apart.
    """
    heads = [one.what.partition(",")[0] for one in measurements]
    whole = {head: {one.what for one in measurements if one.what.partition(",")[0] == head} for head in heads}
    return tuple(
        head if len(whole[head]) == 1 else one.what for head, one in zip(heads, measurements, strict=True)
    )


class CriterionResult(Part):
    """One criterion. The flat fields repeat the measurement that decided, and are null when nothing was measured."""

    id: str
    title: str
    status: StatusName
    reason: str
    what: str | None = None
    observed: float | None = None
    unit: Unit | None = None
    metric: str | None = None
    limit: float | None = None
    side: str | None = None
    margin: float | None = None
    samples: int | None = None
    window_s: float | None = None
    stability: str = ""
    evidence: tuple[str, ...] = ()
    advice: str = ""
    measurements: tuple[MeasurementResult, ...] = ()
    profile: str | None = None  # page of a run under a memory profiler that followed because this failed


class VariantResult(Part):
    """A variant that followed the main run: how its agent differed, and how it ended."""

    name: str
    env: dict[str, str]
    agent_command: tuple[str, ...]
    outcome: str
    duration_s: float
    calls: int
    skipped: str | None = None


class Regression(Part):
    """A figure that is worse than in the runs before: both levels in `unit`, the first run that has the new one, and how many were looked at."""

    criterion: str
    what: str
    unit: Unit
    before: float
    now: float
    since: str
    runs: int
    fails: bool = False

    def sentence(self) -> str:
        """Say what is worse, by how much, and since when."""
        was, now = (format_amount(value, self.unit) for value in (self.before, self.now))
        return f"{self.what} was {was} and is {now}, since the run of {written_time(self.since)} ({self.runs} runs like this one)"


class Verdict(Document):
    """The whole of `verdict.json`."""

    schema_: Literal["voicegate.verdict"] = Field(default="voicegate.verdict", alias="schema")
    version: Literal[1] = 1
    verdict: Outcome
    counts: dict[StatusName, int]
    started_at: str
    duration_s: float
    outcome: str
    detail: str | None = None
    profile: str
    isolation: str
    agent_command: tuple[str, ...]
    weights_bytes: int | None
    calls: int
    turns: int
    criteria: tuple[CriterionResult, ...]
    variants: tuple[VariantResult, ...] = Field(
        default=(), validation_alias="acts", serialization_alias="acts"
    )
    latency: Latency | None  # over all turns
    environment: dict[str, Any]
    recording: str
    regressions: tuple[Regression, ...] = ()

    def headline(self) -> str:
        """Say how it came out in one line: what did not pass first, and by name."""
        names: dict[StatusName, str] = {
            "fail": "failed",
            "error": "not measurable",
            "pass": "passed",
            "not_run": "not run",
        }
        parts = [
            f"{self.counts[status]} {names[status]}{self._named(status)}"
            for status in names
            if self.counts[status]
        ]
        if self.regressions:
            parts.append(f"{len(self.regressions)} figures worse than before")
        return f"{self.verdict.upper()}: {', '.join(parts)}"

    def _named(self, status: StatusName) -> str:
        """Name the criteria that came out so; those that passed need no names."""
        found = ", ".join(short_id(one.id) for one in self.criteria if one.status == status)
        return "" if status == "pass" else f" ({found})"


def read_verdict(folder: Path) -> Verdict:
    """Read the verdict in a run's folder. Raises OSError, and ValidationError where it is none."""
    return Verdict.model_validate_json((folder / VERDICT).read_bytes())


def make_verdict(recording: Recording, findings: Sequence[Finding], file: str = "recording.jsonl") -> Verdict:
    """Put a recording's findings and circumstances together; `file` is its path relative to the report."""
    header, end = recording.header, recording.end
    return Verdict(
        verdict=worst(finding.status.value for finding in findings),
        counts={name: sum(one.status is Status(name) for one in findings) for name in STATUS_NAMES},
        started_at=header.started_at,
        duration_s=round(last_t(recording), 3),
        outcome="cut off" if end is None else end.outcome,
        detail=None if end is None else end.detail,
        profile=header.profile,
        isolation=header.isolation,
        agent_command=header.agent_command,
        weights_bytes=header.weights_bytes,
        calls=len({event.call for event in recording.calls}),
        turns=len(recording.turns),
        criteria=tuple(_criterion(finding) for finding in findings),
        variants=tuple(_variant(part, part.variant) for part in recording.variants.values() if part.variant),
        latency=latency_of(recording.turns),
        environment=header.environment,
        recording=file,
    )


def _variant(part: Recording, variant: AgentVariant) -> VariantResult:
    outcome = "skipped" if variant.skipped else "cut off" if part.end is None else part.end.outcome
    return VariantResult(
        name=variant.name,
        env=variant.env,
        agent_command=variant.agent_command,
        outcome=outcome,
        duration_s=round(max(0.0, last_t(part) - variant.t), 3),
        calls=len({event.call for event in part.calls}),
        skipped=variant.skipped,
    )


def _criterion(finding: Finding) -> CriterionResult:
    headline = finding.headline
    flat = _measurement(headline).model_dump(exclude={"status", "low", "high"}) if headline else {}
    return CriterionResult(
        id=finding.id,
        title=finding.title,
        status=finding.status.value,
        reason=finding.reason,
        stability=finding.stability,
        evidence=finding.evidence,
        advice=finding.advice,
        measurements=tuple(map(_measurement, finding.measurements)),
        **flat,
    )


def _measurement(measurement: Measurement) -> MeasurementResult:
    return MeasurementResult(
        what=measurement.what,
        status=measurement.status.value,
        observed=measurement.value,
        low=measurement.low,
        high=measurement.high,
        unit=measurement.unit,
        metric=measurement.metric,
        limit=measurement.bound.limit,
        side=measurement.bound.side.value,
        margin=measurement.margin,
        samples=measurement.samples,
        window_s=measurement.window_s,
    )
