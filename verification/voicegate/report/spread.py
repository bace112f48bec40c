"""How far several runs of the same lie apart: `spread.json`, and what the other forms of that report are made from.

The format is versioned as that of `verdict.json`: keys may be added within a version, none is renamed or removed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from pydantic import Field, ValidationError

from voicegate.exit_codes import Outcome, worst
from voicegate.measure.waits import Latency, latency_of
from voicegate.quantity import Unit
from voicegate.record.events import Turn
from voicegate.record.recording import RecordingError, read_recording
from voicegate.report.document import Document, Part
from voicegate.report.verdict import (
    STATUS_NAMES,
    CriterionResult,
    MeasurementResult,
    StatusName,
    Verdict,
    read_verdict,
)

_OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "error")


@dataclass(frozen=True, slots=True)
class RepeatedRun:
    """One of the runs; `folder` is its name inside the folder of all. Without a verdict, `problem` says why."""

    folder: str
    verdict: Verdict | None
    turns: tuple[Turn, ...] = ()
    problem: str | None = None


class RunResult(Part):
    """How one run came out; a run without a verdict counts as an error."""

    folder: str
    verdict: Outcome
    problem: str | None = None
    not_passed: tuple[str, ...] = ()
    duration_s: float | None = None
    median_latency_s: float | None = None


class CriterionSpread(Part):
    """One criterion over all runs, in their order; null where a run did not judge or measure it.

    `what` is the measurement that decided in most runs, `observed` its values, all in `unit`; `relative_spread` is
    (most − least) / |median|, null when the median is 0 or nothing was measured.
    """

    id: str
    title: str
    statuses: tuple[StatusName | None, ...]
    counts: dict[StatusName, int]
    what: str | None = None
    metric: str | None = None
    unit: Unit | None = None
    side: str | None = None
    limit: float | None = None
    observed: tuple[float | None, ...] = ()
    least: float | None = None
    median: float | None = None
    most: float | None = None
    relative_spread: float | None = None


class Spread(Document):
    """The whole of `spread.json`. `latency` is that of the turns of all runs together."""

    schema_: Literal["voicegate.spread"] = Field(default="voicegate.spread", alias="schema")
    version: Literal[1] = 1
    verdict: Outcome
    runs_asked: int
    profile: str
    isolation: str
    started_at: str
    runs: tuple[RunResult, ...]
    criteria: tuple[CriterionSpread, ...]
    latency: Latency | None

    def headline(self) -> str:
        """Say how the runs came out in one line."""
        counts = Counter(run.verdict for run in self.runs)
        parts = [f"{counts[name]} {name.upper()}" for name in _OUTCOMES if counts[name]]
        made = (
            f"{len(self.runs)} of {self.runs_asked} runs" if self.is_cut_short else f"{self.runs_asked} runs"
        )
        return f"{self.verdict.upper()}: {made}: {', '.join(parts) or 'none was made'}"

    @property
    def is_cut_short(self) -> bool:
        """Whether fewer runs were made than were asked for."""
        return len(self.runs) < self.runs_asked


def read_run(folder: Path, problem: str | None = None) -> RepeatedRun:
    """Read a run's verdict and turns back from its folder; what cannot be read is its problem."""
    try:
        verdict = read_verdict(folder)
        turns = read_recording(folder / verdict.recording).turns
    except OSError as error:
        return RepeatedRun(folder.name, None, (), problem or f"{error.filename}: {error.strerror}")
    except (RecordingError, ValidationError) as error:
        return RepeatedRun(folder.name, None, (), problem or str(error))
    return RepeatedRun(folder.name, verdict, turns, problem)


def make_spread(runs: Sequence[RepeatedRun], runs_asked: int) -> Spread:
    """Put runs of the same settings side by side. The verdict is the worst; runs that are missing are an error."""
    results = tuple(_result(run) for run in runs)
    verdicts = [run.verdict for run in runs if run.verdict is not None]
    ids = dict.fromkeys(one.id for verdict in verdicts for one in verdict.criteria)
    return Spread(
        verdict=worst([*(one.verdict for one in results), *(["error"] if len(runs) < runs_asked else [])]),
        runs_asked=runs_asked,
        profile=verdicts[0].profile if verdicts else "unknown",
        isolation=verdicts[0].isolation if verdicts else "unknown",
        started_at=verdicts[0].started_at if verdicts else "unknown",
        runs=results,
        criteria=tuple(_criterion(id_, runs) for id_ in ids),
        latency=latency_of(turn for run in runs for turn in run.turns),
    )


def _result(run: RepeatedRun) -> RunResult:
    if run.verdict is None:
        return RunResult(folder=run.folder, verdict="error", problem=run.problem)
    latency = run.verdict.latency
    return RunResult(
        folder=run.folder,
        verdict=worst([run.verdict.verdict, *(["error"] if run.problem else [])]),
        problem=run.problem,
        not_passed=tuple(one.id for one in run.verdict.criteria if one.status in ("fail", "error")),
        duration_s=run.verdict.duration_s,
        median_latency_s=latency.median_s if latency else None,
    )


def _criterion(id_: str, runs: Sequence[RepeatedRun]) -> CriterionSpread:
    results = [_find(run.verdict, id_) for run in runs]
    found = [one for one in results if one is not None]
    statuses = tuple(one.status if one else None for one in results)
    judged = CriterionSpread(
        id=id_,
        title=found[0].title,
        statuses=statuses,
        counts={name: statuses.count(name) for name in STATUS_NAMES},
    )
    decisive = Counter(_key(one) for one in found if one.what is not None)
    if not decisive:
        return judged
    key = decisive.most_common(1)[0][0]
    return judged.model_copy(update=_values([_measured(one, key) for one in results]))


def _values(measured: Sequence[MeasurementResult | None]) -> dict[str, object]:
    values = [one.observed for one in measured if one is not None]
    first = next(one for one in measured if one is not None)
    middle = median(values)
    return {
        "what": first.what.partition(",")[0],
        **first.model_dump(include={"metric", "unit", "side", "limit"}),
        "observed": tuple(one.observed if one else None for one in measured),
        "least": min(values),
        "median": middle,
        "most": max(values),
        "relative_spread": (max(values) - min(values)) / abs(middle) if middle else None,
    }


def _find(verdict: Verdict | None, id_: str) -> CriterionResult | None:
    return next((one for one in (verdict.criteria if verdict else ()) if one.id == id_), None)


def _measured(result: CriterionResult | None, key: tuple[str, ...]) -> MeasurementResult | None:
    return next((one for one in (result.measurements if result else ()) if _key(one) == key), None)


def _key(measured: CriterionResult | MeasurementResult) -> tuple[str, ...]:
    """Name a measurement over several runs; behind a comma stands which call or phase it was in this one."""
    return (measured.what or "").partition(",")[0], measured.unit or "", measured.side or ""
