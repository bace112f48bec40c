"""All findings of one recording, looked up by the ids of their criteria."""

from collections.abc import Iterable, Iterator, Mapping

from voicegate.judge.criterion import short_id
from voicegate.judge.finding import Finding, Status, overall


class UnknownCriterionError(KeyError):
    """An id that no criterion of the recording has; the message lists those that there are."""

    def __str__(self) -> str:
        """Give the message as it is; a KeyError would put it in quotes."""
        return str(self.args[0])


class Findings(Mapping[str, Finding]):
    """Findings by whole id (`C5-extra-connection`) or by what stands before the hyphen (`C5`).

    Iterates over whole ids, in the order of the report. Raises UnknownCriterionError for any other id.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._by_id = {finding.id: finding for finding in findings}
        self._whole_ids = {name: id_ for id_ in self._by_id for name in (id_, short_id(id_))}

    def __getitem__(self, id_: str) -> Finding:
        """Look up one finding."""
        __tracebackhide__ = True  # pytest shows the caller's line
        if id_ not in self._whole_ids:
            raise UnknownCriterionError(f"unknown criterion {id_!r}; known: {', '.join(self)}")
        return self._by_id[self._whole_ids[id_]]

    def __iter__(self) -> Iterator[str]:
        """Iterate over whole ids."""
        return iter(self._by_id)

    def __len__(self) -> int:
        """Count the findings."""
        return len(self._by_id)

    @property
    def overall(self) -> Status:
        """How the whole came out: FAIL before ERROR before PASS; ERROR if nothing passed."""
        return overall(self.values())
