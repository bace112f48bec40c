"""One mutant before the gate: what it was expected to fail, what it did, and whether the gate was right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from voicegate.judge.criterion import short_id
from voicegate.report.verdict import StatusName


class Outcome(Enum):
    """How a trial came out. Only EXPECTED is good: NOT_MEASURED says that nobody knows."""

    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class Trial:
    """What the gate said about one mutant.

    `expected` are the ids it had to fail, `errors` those that had to be an ERROR, `statuses` what each criterion came out as (empty when nothing was
    recorded), `report` the path of its own report, `problem` what kept the run from its end.
    """

    name: str
    wrong: str
    expected: frozenset[str]
    statuses: Mapping[str, StatusName]
    duration_s: float
    report: str | None = None
    problem: str | None = None
    errors: frozenset[str] = frozenset()

    @property
    def missed(self) -> tuple[str, ...]:
        """Criteria that had to fail, or to be an error, and did not: they passed, or were not run."""
        caught = self.expected | self.errors
        return tuple(id_ for id_ in self._sorted() if id_ in caught and self._is(id_, "pass", "not_run"))

    @property
    def surplus(self) -> tuple[str, ...]:
        """Criteria that failed and had no reason to."""
        return tuple(id_ for id_ in self._sorted() if id_ not in self.expected and self._is(id_, "fail"))

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Criteria that could not be measured and should have been, whether they had to fail or not."""
        return tuple(id_ for id_ in self._sorted() if id_ not in self.errors and self._is(id_, "error"))

    @property
    def outcome(self) -> Outcome:
        """What is wrong comes before what could not be measured; a run that broke off accuses nobody."""
        if self.problem or not self.statuses:
            return Outcome.NOT_MEASURED
        if self.missed or self.surplus:
            return Outcome.UNEXPECTED
        return Outcome.NOT_MEASURED if self.unmeasured else Outcome.EXPECTED

    def sentence(self) -> str:
        """Say how it came out."""
        if self.problem:
            return self.problem
        parts = [
            *([f"not caught by {short_names(self.missed)}"] if self.missed else []),
            *([f"{short_names(self.surplus)} failed without a reason"] if self.surplus else []),
            *([f"{short_names(self.unmeasured)} could not be measured"] if self.unmeasured else []),
        ]
        if parts:
            return "; ".join(parts)
        failed = (
            f"failed {short_names(sorted(self.expected))}, as it must" if self.expected else "failed nothing"
        )
        unmeasured = [id_ for id_ in self._sorted() if id_ in self.errors]
        return (
            f"{failed}; {short_names(unmeasured)} could not be measured, as it must be"
            if unmeasured
            else failed
        )

    def _sorted(self) -> tuple[str, ...]:
        """List every criterion there is something to say about: the judged ones in their order, then the rest."""
        return (*self.statuses, *sorted((self.expected | self.errors) - set(self.statuses)))

    def _is(self, id_: str, *among: StatusName) -> bool:
        return self.statuses.get(id_, "not_run") in among


def short_names(ids: Iterable[str]) -> str:
    """List ids in their short form."""
    return ", ".join(map(short_id, ids))
