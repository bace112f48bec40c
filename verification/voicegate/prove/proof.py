"""The proof as data: `prove.json`, and what every other form of its report is made from.

The format is versioned as the verdict's is: new keys may be added within a version, none is renamed or removed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from voicegate.exit_codes import Outcome, worst
from voicegate.judge.criterion import short_id
from voicegate.judge.registry import all_criteria
from voicegate.report.document import Document, Part
from voicegate.report.verdict import StatusName

TrialOutcome = Literal["expected", "unexpected", "not_measured"]
"""How a trial came out. Only `expected` is good: `not_measured` says that nobody knows."""

Expected = Literal["fail", "error"] | None
"""What a mutant must make of a criterion; None where it must do nothing to it."""

_STATUSES: dict[TrialOutcome, Outcome] = {"expected": "pass", "unexpected": "fail", "not_measured": "error"}


class MutantResult(Part):
    """One mutant: ids it had to fail, or make an error, what it came out as, and where its own report is, relative to this file.

    `missed` are those that passed, or were not run, in place of that; `surplus` those that failed without a reason, and `unmeasured` those that
    could not be measured and should have been. `statuses` is empty when nothing was recorded.
    """

    name: str
    wrong: str
    outcome: TrialOutcome
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
    mutants: Sequence[MutantResult], began: datetime, duration_s: float, left_out: Sequence[str] = ()
) -> Proof:
    """Put the trials together; `left_out` names the mutants that were not reached."""
    return Proof(
        outcome=worst([*(one.status for one in mutants), *("error" for _ in left_out)]),
        started_at=began.isoformat(timespec="seconds"),
        duration_s=round(duration_s, 1),
        criteria={criterion.id: criterion.title for criterion in all_criteria()},
        mutants=tuple(mutants),
        left_out=tuple(left_out),
    )


def result_of(
    name: str,
    wrong: str,
    fails: Collection[str],
    errors: Collection[str],
    statuses: Mapping[str, StatusName],
    duration_s: float = 0.0,
    report: str | None = None,
    problem: str | None = None,
) -> MutantResult:
    """Hold what the gate said about a mutant against what it had to say; `problem` kept the run from its end, if anything did."""
    ids = (*statuses, *sorted({*fails, *errors} - set(statuses)))
    came_out = {id_: statuses.get(id_, "not_run") for id_ in ids}
    missed = [id_ for id_ in ids if id_ in {*fails, *errors} and came_out[id_] in ("pass", "not_run")]
    surplus = [id_ for id_ in ids if id_ not in fails and came_out[id_] == "fail"]
    unmeasured = [id_ for id_ in ids if id_ not in errors and came_out[id_] == "error"]
    outcome: TrialOutcome = "not_measured" if problem or not statuses or unmeasured else "expected"
    if statuses and not problem and (missed or surplus):  # a run that broke off shows nothing about the gate
        outcome = "unexpected"
    as_it_must = [id_ for id_ in ids if id_ in errors]
    order = [criterion.id for criterion in all_criteria()]
    return MutantResult(
        name=name,
        wrong=wrong,
        outcome=outcome,
        sentence=problem or _sentence(missed, surplus, unmeasured) or _as_expected(fails, as_it_must),
        duration_s=duration_s,
        fails=tuple(sorted(fails, key=order.index)),
        errors=tuple(sorted(errors, key=order.index)),
        missed=tuple(missed),
        surplus=tuple(surplus),
        unmeasured=tuple(unmeasured),
        statuses=dict(statuses),
        report=report,
    )


def _sentence(missed: Sequence[str], surplus: Sequence[str], unmeasured: Sequence[str]) -> str:
    """Say what is not as expected."""
    parts = [
        *([f"not caught by {_short(missed)}"] if missed else []),
        *([f"{_short(surplus)} failed without a reason"] if surplus else []),
        *([f"{_short(unmeasured)} could not be measured"] if unmeasured else []),
    ]
    return "; ".join(parts)


def _as_expected(fails: Iterable[str], errors: Sequence[str]) -> str:
    failed = f"failed {_short(sorted(fails))}, as it must" if fails else "failed nothing"
    return f"{failed}; {_short(errors)} could not be measured, as it must be" if errors else failed


def _short(ids: Iterable[str]) -> str:
    return ", ".join(map(short_id, ids))
