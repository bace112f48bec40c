"""How many calls an agent holds: `capacity.json`, and what the other forms of that report are made from.

The format is versioned as that of `verdict.json`: keys may be added within a version, none is renamed or removed.
"""

from typing import Literal

from pydantic import Field

from voicegate.capacity.bottleneck import NOT_THE_AGENT, Bottleneck
from voicegate.capacity.search import best_and_broken
from voicegate.exit_codes import Outcome
from voicegate.report.document import Document, Part


class LevelResult(Part):
    """So many calls at once, and how that went. `held` is null where it could not be judged.

    `reasons` say why it did not hold or could not be judged, `notes` what is doubtful about it. Waits are seconds from the end of
    speech to the first sound of the reply, over `judged_s` seconds in which all callers were there. `agent_cores` is by role,
    `other_cores` by who else used processors; `cores` are all that were there.
    """

    calls: int
    held: bool | None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    judged_s: float = 0.0
    turns: int = 0
    p50_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    calls_made: int = 0
    calls_failed: int = 0
    join_p95_s: float | None = None
    peak_bytes: int | None = None
    agent_cores: dict[str, float] = Field(default_factory=dict)
    other_cores: dict[str, float] = Field(default_factory=dict)
    cores: float | None = None
    bottleneck: Bottleneck | None = None

    @property
    def agent_total_cores(self) -> float | None:
        """What the whole agent used; None if that is not known."""
        return sum(self.agent_cores.values()) if self.agent_cores else None

    @property
    def turn_s(self) -> float | None:
        """How long a turn took a caller, with all that goes with it; None without turns."""
        return self.calls * self.judged_s / self.turns if self.turns else None


class IsolationResult(Part):
    """One search: its levels in the order they were tried. `problem` is what broke it off, `folder` where its recording is."""

    isolation: str
    folder: str
    levels: tuple[LevelResult, ...] = ()
    problem: str | None = None
    capacity: int | None = None  # null where no level was judged
    broken_at: int | None = None  # the smallest number of calls that did not hold; null where all did
    calls_per_agent_core: float | None = None  # at capacity
    finished: bool = False

    def level(self, calls: int | None) -> LevelResult | None:
        """Return the level with so many calls, if it was tried."""
        return next((level for level in self.levels if level.calls == calls), None)

    @property
    def bottleneck(self) -> Bottleneck | None:
        """What kept it from more."""
        broken = self.level(self.broken_at)
        return broken.bottleneck if broken else None

    @property
    def in_order(self) -> list[LevelResult]:
        """Its levels by their calls, not by when they were tried."""
        return sorted(self.levels, key=lambda level: level.calls)

    def headline(self) -> str:
        """Say the answer in one line."""
        per_core = self.calls_per_agent_core
        parts = [
            _held(self),
            *([f"bottleneck: {self.bottleneck.text}"] if self.bottleneck else []),
            *([f"{per_core:.1f} calls per agent core"] if per_core else []),
            *([f"broken off: {self.problem}"] if self.problem else []),
        ]
        return f"{self.isolation}: {'; '.join(parts)}"


class Capacity(Document):
    """The whole of `capacity.json`."""

    schema_: Literal["voicegate.capacity"] = Field(default="voicegate.capacity", alias="schema")
    version: Literal[1] = 1
    verdict: Outcome
    profile: str
    started_at: str
    at_least: int
    most_calls: int
    limit_p50_s: float
    limit_p95_s: float
    results: tuple[IsolationResult, ...]


def isolation_result(
    isolation: str, folder: str, levels: tuple[LevelResult, ...], *, finished: bool, problem: str | None
) -> IsolationResult:
    """Draw the conclusion from the levels of a search."""
    held = {level.calls: level.held for level in levels if level.held is not None}
    capacity, broken_at = best_and_broken(held)
    at_capacity = next((level for level in levels if level.calls == capacity), None)
    cores = at_capacity.agent_total_cores if at_capacity else None
    return IsolationResult(
        isolation=isolation,
        folder=folder,
        levels=levels,
        problem=problem,
        capacity=capacity if held else None,
        broken_at=broken_at,
        calls_per_agent_core=capacity / cores if cores else None,
        finished=finished,
    )


def verdict_of(results: tuple[IsolationResult, ...], at_least: int) -> Outcome:
    """Decide the whole: too few calls held somewhere before not measured somewhere before enough everywhere.

    Where too few held for something that is not the agent's, its own capacity was not measured.
    """
    too_few = [one for one in results if one.broken_at is not None and one.broken_at <= at_least]
    if any(one.bottleneck is None or one.bottleneck.kind not in NOT_THE_AGENT for one in too_few):
        return "fail"
    return (
        "pass"
        if results and all(one.finished and (one.capacity or 0) >= at_least for one in results)
        else "error"
    )


def _held(one: IsolationResult) -> str:
    if one.capacity is None:
        return "nothing was measured"
    calls = f"{one.capacity} {'call holds' if one.capacity == 1 else 'calls hold'}"
    broken = one.level(one.broken_at)
    if broken is None:
        return f"{calls}, more were not tried"
    why = f" ({'; '.join(broken.reasons)})" if broken.reasons else ""
    if one.capacity == 0:
        return f"not even {broken.calls} {'call holds' if broken.calls == 1 else 'calls hold'}{why}"
    return f"{calls}, {broken.calls} do not{why}"
