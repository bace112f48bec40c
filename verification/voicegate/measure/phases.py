"""Stretches of a recording: its phases, and whether it was cut off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Literal

from voicegate.measure.caveats import Caveat, NotMeasured, NotRun
from voicegate.record.events import Phase, Recording

BASELINE = "baseline"
FIRST_CALL = "first-call"
AFTER_FIRST = "after-first"
QUIET = "quiet"
CYCLE = "cycle-"
AFTER_CYCLE = "after-cycle-"
BEFORE_TABS, AFTER_PAGE = "before-tabs", "after-page"
"""Rests between the calls from a web page: before three call at once, and when all have left."""
_EDGES: tuple[Literal["begin", "end"], ...] = ("begin", "end")
PLAY_FULL = "play a scenario that has it: voicegate verify --scenario full"


@dataclass(frozen=True, slots=True)
class Span:
    """A phase from its begin to its end; `end_t` is None when the recording stops inside it."""

    name: str
    begin_t: float
    end_t: float | None
    concurrent_calls: int

    @property
    def until_t(self) -> float:
        """When it ends, or never."""
        return inf if self.end_t is None else self.end_t

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.until_t - self.begin_t

    def has(self, t: float) -> bool:
        """Whether a time lies in it."""
        return self.begin_t <= t < self.until_t


def spans(recording: Recording) -> tuple[Span, ...]:
    """List the phases of the scenario, in the order they began; the rests between calls from a web page are none of them."""
    return tuple(span for span in every_span(recording) if span.name not in (BEFORE_TABS, AFTER_PAGE))


def every_span(recording: Recording) -> tuple[Span, ...]:
    """List all phases in the order they began."""
    found: list[Span] = []
    open_at: dict[str, int] = {}
    for phase in recording.phases:
        if phase.edge == "begin":
            open_at[phase.name] = len(found)
            found.append(Span(phase.name, phase.t, None, phase.concurrent_calls))
        elif (index := open_at.pop(phase.name, None)) is not None:
            begun = found[index]
            found[index] = Span(begun.name, begun.begin_t, phase.t, begun.concurrent_calls)
    return tuple(found)


def after_first_call(found: Sequence[Span]) -> Sequence[Span]:
    """Drop everything up to the end of the first phase in which somebody called."""
    for index, span in enumerate(found):
        if span.concurrent_calls > 0:
            return found[index + 1 :]
    return ()


def cut_off(recording: Recording) -> tuple[Caveat, ...]:
    """Return a caveat if the recording does not hold the whole run; none when the scenario ran to its end."""
    if recording.end is None:
        return (Caveat("the recording was cut off before its end"),)
    if recording.end.outcome != "complete":
        detail = f": {recording.end.detail}" if recording.end.detail else ""
        return (Caveat(f"the run was {recording.end.outcome}{detail}"),)
    return ()


def missing_part(
    recording: Recording,
    what: str,
    is_in: Callable[[Recording], bool] | None = None,
    advice: str = PLAY_FULL,
) -> NotMeasured | NotRun:
    """Make the error of a recording that lacks a part: cut off (not measured), or never planned (not run).

    `is_in` tells whether a recording has the part: it is asked about the one that was planned, where that is known. `advice` says how to have it played.
    """
    plan = _planned(recording)
    if is_in is not None and plan is not None and not is_in(plan):
        return NotRun(f"the scenario has no {what}", advice)
    if caveats := cut_off(recording):
        return NotMeasured(f"no {what}: {caveats[0].reason}", caveats[0].advice)
    return NotRun(f"the scenario has no {what}", advice)


def _planned(recording: Recording) -> Recording | None:
    """Make a recording that has nothing but the phases and variants that were planned."""
    if recording.header.planned is None:
        return None
    own = [phase for phase in recording.header.planned if phase.variant is None]
    phases = (Phase(0.0, phase.name, edge, phase.concurrent_calls) for phase in own for edge in _EDGES)
    variants = {
        phase.variant: Recording(recording.header) for phase in recording.header.planned if phase.variant
    }
    return Recording(recording.header, phases=tuple(phases), variants=variants)


def finished_span(recording: Recording, name: str) -> Span:
    """Find the phase of this name; raises NotRun or NotMeasured when it is missing or did not end."""
    matching = [span for span in spans(recording) if span.name == name]
    if not matching:
        raise missing_part(recording, f"phase {name}", phase(name).is_in)
    if matching[-1].end_t is None:
        raise NotMeasured(f"the recording stops inside phase {name}", "run again, to the end")
    return matching[-1]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the scenario that a criterion needs, and whether a recording has it.

    One that shows in a recording's phases also shows in those that were planned.
    """

    name: str
    is_in: Callable[[Recording], bool]
    in_phases: bool = True

    @property
    def is_planned(self) -> Callable[[Recording], bool] | None:
        """What to ask of the phases that were planned; None where they do not tell."""
        return self.is_in if self.in_phases else None


def phase(name: str) -> Part:
    """Make the part that is the phase of this name."""
    return Part(f"phase {name}", lambda recording: any(span.name == name for span in spans(recording)))


CYCLES = Part(
    "connect/disconnect cycles",
    lambda recording: any(span.name.startswith(CYCLE) for span in spans(recording)),
)
LATER_CALL = Part(
    "call after the first one",
    lambda recording: any(span.concurrent_calls > 0 for span in after_first_call(spans(recording))),
)
MORE_CALLS = Part(
    "phase after the first call with more calls than the one before it",
    lambda recording: does_rise(after_first_call(spans(recording))),
)


def does_rise(found: Sequence[Span]) -> bool:
    """Whether some phase has more calls than the one before it."""
    return any(later.concurrent_calls > earlier.concurrent_calls for earlier, later in pairwise(found))


def last_t(recording: Recording) -> float:
    """Tell when the last event of the recording happened."""
    if recording.end is not None:
        return recording.end.t
    groups = (recording.phases, recording.memory, recording.log, recording.calls, recording.turns)
    return max((group[-1].t for group in groups if group), default=0.0)
