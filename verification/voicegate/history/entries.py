"""What a run leaves in the history: how each criterion came out, and its figures, under names that stay the same from run to run."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Literal

from pydantic import Field

from voicegate.exit_codes import Outcome
from voicegate.quantity import Unit
from voicegate.record.events import ASKED, EARS
from voicegate.report.document import Part
from voicegate.report.verdict import CriterionResult, StatusName, Verdict, stable_names

_OF_THE_MACHINE = ("free disk",)
"""Metrics that say nothing about the agent."""


FigureKey = tuple[str, str, str]


class Setting(Part):
    """What must be alike for the figures of two runs to be comparable."""

    profile: str
    isolation: str
    scenario: str
    cpu_count: int | None
    ears: str
    agent: str = ""

    def sentence(self) -> str:
        """Name it in a few words."""
        parts = (
            self.agent,
            f"scenario {self.scenario}",
            f"models {self.profile}" if self.profile else "",
            f"calls in {self.isolation}" if self.isolation else "",
            "" if self.cpu_count is None else f"{self.cpu_count} processors",
        )
        return ", ".join(part for part in parts if part)


class Figure(Part):
    """One measured value of a run, and on which side of the limit it must lie; without a limit, on which side is better."""

    criterion: str
    what: str
    value: float
    unit: Unit
    side: Literal["<", "≤", "≥"]
    limit: float | None = None

    @property
    def key(self) -> FigureKey:
        """Name it over several runs; what has a limit on either side is followed towards each."""
        return self.criterion, self.what, self.side

    def least_change(self, values: Sequence[float]) -> float:
        """Give the least change that matters in a series of its values: 2 % of the limit, if there is one, or 5 % of their level."""
        return max(0.02 * abs(self.limit or 0.0), 0.05 * abs(median(values)))

    def is_worse(self, before: float, after: float) -> bool:
        """Whether a change goes towards the limit."""
        return after < before if self.side == "≥" else after > before


class Entry(Part):
    """A line of the history."""

    schema_: Literal["voicegate.history"] = Field(default="voicegate.history", alias="schema")
    version: Literal[1] = 1
    started_at: str
    verdict: Outcome
    outcome: str
    setting: Setting
    statuses: dict[str, StatusName]
    figures: tuple[Figure, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the run came to its end: the figures of others are of another thing."""
        return self.outcome == "complete"


def entry_of(verdict: Verdict) -> Entry:
    """Take what the history keeps of a verdict."""
    known = verdict.environment
    cores = known.get("cpu_count")
    return Entry(
        started_at=verdict.started_at,
        verdict=verdict.verdict,
        outcome=verdict.outcome,
        setting=Setting(
            profile=verdict.profile,
            isolation=verdict.isolation,
            scenario=f"{known.get('scenario', 'unknown')} {known.get(ASKED, '')}".strip(),
            cpu_count=cores if isinstance(cores, int) else None,
            ears=str(known.get(EARS, "")),
            agent=agent_named(verdict.agent_command),
        ),
        statuses={one.id: one.status for one in verdict.criteria},
        figures=tuple(figure for one in verdict.criteria for figure in _figures(one)),
    )


def agent_named(command: Sequence[str]) -> str:
    """Name an agent by its command, without the folders of a machine."""
    return " ".join(Path(word).name for word in command)


def _figures(criterion: CriterionResult) -> Iterable[Figure]:
    """List the values that scatter: not counts, which are right or wrong, and not what is infinite."""
    for name, one in zip(stable_names(criterion.measurements), criterion.measurements, strict=True):
        finite, side = abs(one.observed) < float("inf"), one.side
        if side != "=" and one.unit != "count" and finite and one.metric not in _OF_THE_MACHINE:
            yield Figure(
                criterion=criterion.id,
                what=name,
                value=one.observed,
                unit=one.unit,
                side=side,
                limit=one.limit,
            )


def series_of(entries: Sequence[Entry]) -> dict[FigureKey, tuple[Figure, ...]]:
    """Give each figure that the last run has, in all runs that have it, in their order."""
    names = [figure.key for figure in entries[-1].figures] if entries else []
    found: dict[FigureKey, list[Figure]] = {name: [] for name in names}
    for entry in entries:
        for figure in entry.figures:
            if figure.key in found:
                found[figure.key].append(figure)
    return {name: tuple(figures) for name, figures in found.items()}
