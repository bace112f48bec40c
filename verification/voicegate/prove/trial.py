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

    `expected` are the ids it had to fail, `statuses` what each criterion came out as (empty when nothing was
    recorded), `report` the path of its own report, `problem` what kept the run from its end.
    """

    name: str
    wrong: str
    expected: frozenset[str]
    statuses: Mapping[str, StatusName]
    duration_s: float
    report: str | None = None
    problem: str | None = None

    @property
    def missed(self) -> tuple[str, ...]:
        """Criteria that had to fail and did not: they passed, or were not run."""
        return tuple(id_ for id_ in self._sorted() if self._is(id_, expected=True, among=("pass", "not_run")))

    @property
    def surplus(self) -> tuple[str, ...]:
        """Criteria that failed and had no reason to."""
        return tuple(id_ for id_ in self._sorted() if self._is(id_, expected=False, among=("fail",)))

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Criteria that could not be measured, whether they had to fail or not."""
        return tuple(id_ for id_, status in self.statuses.items() if status == "error")

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
        return (
            f"failed {short_names(sorted(self.expected))}, as it must" if self.expected else "failed nothing"
        )

    def _sorted(self) -> tuple[str, ...]:
        """List every criterion there is something to say about: the judged ones in their order, then the rest."""
        return (*self.statuses, *sorted(self.expected - set(self.statuses)))

    def _is(self, id_: str, *, expected: bool, among: tuple[StatusName, ...]) -> bool:
        return (id_ in self.expected) is expected and self.statuses.get(id_, "not_run") in among


def short_names(ids: Iterable[str]) -> str:
    """List ids in their short form."""
    return ", ".join(map(short_id, ids))
