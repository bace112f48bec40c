"""What a run has to do with those before it: it is held against them, and then becomes one of them."""

from dataclasses import dataclass
from pathlib import Path

from voicegate.exit_codes import UsageError, worst
from voicegate.history.entries import Entry, entry_of
from voicegate.history.history_file import append_entry, read_history
from voicegate.history.trend import make_trend
from voicegate.report.folder import check_writable
from voicegate.report.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Past:
    """The history that runs are appended to, the one that they are held against, and whether a figure that became worse fails a run."""

    file: Path
    baseline: Path
    fails: bool = False

    def check(self) -> None:
        """See before a run whether its history can be read and written, and a baseline is there. Raises UsageError."""
        if self.baseline != self.file and not self.baseline.is_file():
            raise UsageError(
                f"{self.baseline}: no such history; --baseline expects one that runs were appended to"
            )
        read_history(self.baseline)
        check_writable(self.file)

    def held_against(self, verdict: Verdict) -> tuple[Verdict, tuple[str, ...]]:
        """Return the verdict with the figures that are worse than in the runs before, and which of their lines were skipped. Raises UsageError when none can be read."""
        history, entry = read_history(self.baseline), entry_of(verdict)
        if not entry.is_whole:
            return verdict, history.problems
        found = tuple(
            one.model_copy(update={"fails": self.fails})
            for one in make_trend(history, last=entry).regressions
        )
        outcome = worst([verdict.verdict, "fail"]) if found and self.fails else verdict.verdict
        return verdict.model_copy(update={"regressions": found, "verdict": outcome}), history.problems

    def remember(self, verdict: Verdict) -> None:
        """Append the run to the history. Raises HistoryError."""
        self.append(entry_of(verdict))

    def append(self, entry: Entry) -> None:
        """Append what a run leaves, of whatever kind it is. Raises HistoryError."""
        append_entry(self.file, entry)
