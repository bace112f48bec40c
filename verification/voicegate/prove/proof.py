"""The proof as data: `prove.json`, and what every other form of its report is made from.

The format is versioned as the verdict's is: new keys may be added within a version, none is renamed or removed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from voicegate.exit_codes import Outcome, worst
from voicegate.judge.registry import all_criteria
from voicegate.prove.table import Expected
from voicegate.prove.trial import Trial
from voicegate.report.document import Document, Part
from voicegate.report.verdict import StatusName

_STATUSES: dict[str, Outcome] = {"expected": "pass", "unexpected": "fail", "not_measured": "error"}


class MutantResult(Part):
    """One mutant: ids it had to fail, or make an error, what it came out as, and where its own report is, relative to this file."""

    name: str
    wrong: str
    outcome: Literal["expected", "unexpected", "not_measured"]
    sentence: str
    duration_s: float
    fails: tuple[str, ...]
    errors: tuple[str, ...] = ()
    missed: tuple[str, ...]
    surplus: tuple[str, ...]
    unmeasured: tuple[str, ...]
    statuses: dict[str, StatusName]
    report: str | None

    @property
    def status(self) -> Outcome:
        """How the gate did on it: a pass where all was as expected."""
        return _STATUSES[self.outcome]

    def expected_of(self, id_: str) -> Expected:
        """Tell what it must make of a criterion."""
        return "fail" if id_ in self.fails else "error" if id_ in self.errors else None


class Proof(Document):
    """The whole of `prove.json`; `criteria` are all ids with their titles, `left_out` the mutants not tried."""

    schema_: Literal["voicegate.proof"] = Field(default="voicegate.proof", alias="schema")
    version: Literal[1] = 1
    outcome: Outcome
    started_at: str
    duration_s: float
    criteria: dict[str, str]
    mutants: tuple[MutantResult, ...]
    left_out: tuple[str, ...]

    def headline(self) -> str:
        """Say how it came out in one line."""
        names = {"expected": "as expected", "unexpected": "not as expected", "not_measured": "not measurable"}
        counts = {key: sum(one.outcome == key for one in self.mutants) for key in names}
        parts = [f"{counts[key]} {name}" for key, name in names.items() if counts[key]]
        parts += [f"{len(self.left_out)} not tried"] if self.left_out else []
        return f"{self.outcome.upper()}: {', '.join(parts)}"


def make_proof(
    trials: Sequence[Trial], began: datetime, duration_s: float, left_out: Sequence[str] = ()
) -> Proof:
    """Put the trials together; `left_out` names the mutants that were not come to."""
    mutants = tuple(map(_result, trials))
    return Proof(
        outcome=worst([*(one.status for one in mutants), *("error" for _ in left_out)]),
        started_at=began.isoformat(timespec="seconds"),
        duration_s=round(duration_s, 1),
        criteria={criterion.id: criterion.title for criterion in all_criteria()},
        mutants=mutants,
        left_out=tuple(left_out),
    )


def _result(trial: Trial) -> MutantResult:
    order = [criterion.id for criterion in all_criteria()]
    return MutantResult(
        name=trial.name,
        wrong=trial.wrong,
        outcome=trial.outcome.value,
        sentence=trial.sentence(),
        duration_s=trial.duration_s,
        fails=tuple(sorted(trial.expected, key=order.index)),
        errors=tuple(sorted(trial.errors, key=order.index)),
        missed=trial.missed,
        surplus=trial.surplus,
        unmeasured=trial.unmeasured,
        statuses=dict(trial.statuses),
        report=trial.report,
    )
