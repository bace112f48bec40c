"""The profile as data: `profile.json`, and what the page and the terminal are made from.

The format is versioned as that of `verdict.json` is. Bytes are what was allocated and not freed, as memray counts
them: neither resident nor proportional memory, and without what was there before a process began to be recorded.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from voicegate.report.document import Document, Part


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a call stack."""

    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Place:
    """What one line of the program holds; `stack` is the costliest way to it, innermost frame first.

    A thread that no Python code started has no frames, unless native stacks were recorded.
    """

    stack: tuple[Frame, ...]
    bytes: float
    allocations: float


class ProcessResult(Part):
    """One process that was recorded; `problem` says what is wrong with its capture."""

    file: str
    pid: int | None
    calls: int = 0
    peak_bytes: int | None = None
    end_bytes: int | None = None
    size_bytes: int | None = None
    problem: str | None = None


class GrowthResult(Part):
    """How the heap of a process that outlives calls grows, with the interval that the slope lies in.

    The slope is that of the second half of the calls; `levels` are all rests: calls until then, and bytes.
    """

    bytes_per_call: float
    low: float
    high: float
    levels: tuple[tuple[int, float], ...]


class RoleResult(Part):
    """The processes of one role.

    What outlives calls (`lasting`) is told of one process: what the first call added, what further calls until the
    half of all did (`warm_up_bytes`), and what each of the `calls` after these did. What lives for one call is told as
    the average over the `counted` processes that took one.
    """

    role: str
    lasting: bool
    counted: int
    calls: int
    processes: tuple[ProcessResult, ...]
    peak_bytes: float
    end_bytes: float
    first_call_bytes: float | None = None
    warm_up_bytes: float | None = None
    growth: GrowthResult | None = None
    at_peak: tuple[Place, ...] = ()
    grown: tuple[Place, ...] = ()
    at_end: tuple[Place, ...] = ()
    shown_capture: str
    flame_graphs: dict[str, str] = Field(default_factory=dict)


class Profile(Document):
    """The whole of `profile.json`. It holds no verdict: a profiler slows a run and takes memory itself."""

    schema_: Literal["voicegate.profile"] = Field(default="voicegate.profile", alias="schema")
    version: Literal[1] = 1
    started_at: str
    duration_s: float
    outcome: str
    profile: str
    isolation: str
    agent_command: tuple[str, ...]
    calls: int
    failed_calls: int
    roles: tuple[RoleResult, ...]
    unreadable: tuple[ProcessResult, ...] = ()
    environment: dict[str, Any]
    recording: str = "recording.jsonl"

    @property
    def problems(self) -> tuple[str, ...]:
        """Say what is wrong with captures, one line each."""
        every = [one for role in self.roles for one in role.processes] + list(self.unreadable)
        return tuple(f"{one.file}: {one.problem}" for one in every if one.problem)
