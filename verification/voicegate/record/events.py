"""The events a recording is made of: one frozen value per line of the JSONL file.

Times (`t` and every field ending in `_t`) are seconds on the monotonic clock since the recording began.
Memory is in bytes. The schema is versioned by `SCHEMA_VERSION`; a reader refuses versions it does not know. Version 2
added variants, rooms, disks and sources, and fields that version 1 leaves at their defaults; version 3 the callers' own load,
and who used the processors; version 4 whose fault a failed call was,
and what the run's folder takes; version 5 how loud each turn was, its language, and which sockets of a process may carry calls;
version 6 replies that are expected by a pattern or by words, what the gate's recognizer could not write, what was planned (`planned`), a log
line's own time and exception (`written`, `exception`), and what to do about a failed call (`advice`); version 7 scripted calls: their steps, their
sound and turns, and from when on the reply to a turn is looked for; version 8 scripted calls with written messages, and callers who
hang up or vanish in them, and what agents report of their waits; version 9 calls from a web page, what an agent leaves on the machine beside its
processes, and which turns say goodbye.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field

from voicegate.names import StepKind
from voicegate.record.machine_events import (
    GATE_CALLERS,
    CallerProcessSample,
    CpuSample,
    Disk,
    Left,
    MemorySample,
    ProcessEvent,
    ProcessMemory,
    Rooms,
)
from voicegate.record.page_events import Page, PageCall, PageTest
from voicegate.record.source_events import Assignment, Source
from voicegate.record.turn_events import AudioGap, CallSound, CallStep, Expected, Loudness, ReportedWait, Turn

__all__ = [
    "ASKED",
    "EARS",
    "GATE_CALLERS",
    "GONE",
    "LOAD",
    "READABLE_VERSIONS",
    "SCHEMA",
    "SCHEMA_VERSION",
    "AgentVariant",
    "Assignment",
    "AudioGap",
    "CallEvent",
    "CallEventStep",
    "CallSound",
    "CallStep",
    "CallerProcessSample",
    "CpuSample",
    "Disk",
    "End",
    "Event",
    "Expected",
    "Fault",
    "Header",
    "Left",
    "LogLine",
    "Loudness",
    "MemorySample",
    "Page",
    "PageCall",
    "PageTest",
    "Phase",
    "PlannedPhase",
    "ProcessEvent",
    "ProcessMemory",
    "Recording",
    "ReportedWait",
    "Rooms",
    "Source",
    "Turn",
    "VariantName",
]

SCHEMA = "voicegate.recording"
SCHEMA_VERSION = 9
READABLE_VERSIONS = (1, 2, 3, 4, 5, 6, 7, 8, 9)

VariantName = Literal["forced-gc", "unshared"]

EARS = "ears"
"""What `environment` of a header calls the recognizer that the gate listens with."""

LOAD = "load"
"""What `environment` of a header calls the scenario of a load run."""

ASKED = "asked"
"""Where `environment` of a header has the options that make another run of the same scenario: Locust's, or how many cycles."""


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """A phase that the scenario has, or a variant, which stands for all of its phases; `steps` are those of its scripted calls."""

    name: str
    concurrent_calls: int
    variant: Annotated[VariantName | None, Field(alias="act")] = None
    steps: tuple[StepKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """First line: what was run, on what machine, with which limits in mind."""

    started_at: str  # ISO 8601, UTC
    profile: str  # label of the models the agent ran, e.g. "rehearsal"
    isolation: str  # "process", "thread", or "unknown" for a foreign agent
    agent_command: tuple[str, ...]
    weights_bytes: int | None  # what one load of the models' weights takes in memory, None if unknown
    environment: dict[str, Any]  # python, platform, cpu_count, memory_bytes, packages, livekit_server
    planned: tuple[PlannedPhase, ...] | None = None  # what is played if nothing breaks the run off, if known
    t: float = 0.0
    schema: str = SCHEMA
    version: int = SCHEMA_VERSION
    kind: Literal["header"] = "header"

    @property
    def of_load(self) -> bool:
        """Whether this is a load run, in which callers come and go as they like."""
        return self.environment.get("scenario") == LOAD


@dataclass(frozen=True, slots=True)
class AgentVariant:
    """From here on the agent is another one, started anew; what came before is the main run.

    A variant has phases, calls, memory and log lines of its own, and is judged by the criteria that ask for it. One that
    could not be played has nothing, and `skipped` says why.
    """

    t: float
    name: VariantName
    agent_command: tuple[str, ...]
    env: dict[str, str]  # what its environment has that the main run's has not
    skipped: str | None = None
    kind: Literal["act"] = "act"  # the recorded name, older than the class


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch of the scenario begins or ends; `concurrent_calls` talk during it."""

    t: float
    name: str  # e.g. "baseline", "first-call", "three-at-once", "cycle-07"
    edge: Literal["begin", "end"]
    concurrent_calls: int
    kind: Literal["phase"] = "phase"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the agent's log; `message` is the text without time stamp and level where they were recognised."""

    t: float
    message: str
    level: str | None = None
    pid: int | None = None  # the process that wrote it, where the log says so
    room: str | None = None  # the call it belongs to, where the log says so
    exception: str | None = None  # the last line of the traceback that came with it
    written: str | None = None  # when it was written, as the line itself says, if to the millisecond or finer
    kind: Literal["log"] = "log"


Fault = Literal["agent", "server", "caller", "caller-process", "run"]
"""Whose fault it is that a call failed: only the agent's speaks against the agent.

`server` is LiveKit's, `caller` the gate's own participant, `caller-process` the process that participants of a load run
live in, and `run` whatever ended the run while the call was going on: Ctrl-C, a dead agent, a full disk.
"""


CallEventStep = Literal[
    "dialed", "joined", "agent_joined", "agent_audio", "hung_up", "vanished", "agent_left", "failed"
]

GONE: tuple[CallEventStep, ...] = ("hung_up", "vanished")
"""The steps with which a caller is gone."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """A step in a call's life, as the caller's side saw it. A caller who `hung_up` began to leave at that time.

    `detail` explains `failed`, `fault` says whose doing it was, and `advice` what to do about it, where the logs tell.
    """

    t: float
    call: str  # unique within the recording, e.g. "call-07"
    step: CallEventStep
    room: str
    phase: str
    detail: str | None = None
    fault: Fault | None = None
    advice: str | None = None
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class End:
    """Last line: whether the scenario ran to its end. A recording without it was cut off."""

    t: float
    outcome: Literal["complete", "interrupted", "failed"]
    detail: str | None = None
    kind: Literal["end"] = "end"


Event = Annotated[
    Header
    | AgentVariant
    | Phase
    | MemorySample
    | LogLine
    | CallEvent
    | CallerProcessSample
    | CpuSample
    | Rooms
    | Disk
    | Source
    | Turn
    | CallStep
    | CallSound
    | Page
    | PageCall
    | ProcessEvent
    | End,
    Discriminator("kind"),
]


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole run in memory, events by kind in the order they happened. Judges read this and nothing else.

    Turns that are steps of scripted calls are in `scripted`, all others in `turns`.

    `variants` are the runs of other agents that followed in the same recording, by name, each a recording of its own with
    the same header; nothing of theirs is in the other fields. `variant` is None for the main run.
    """

    header: Header
    phases: tuple[Phase, ...] = ()
    memory: tuple[MemorySample, ...] = ()
    log: tuple[LogLine, ...] = ()
    calls: tuple[CallEvent, ...] = ()
    callers: tuple[CallerProcessSample, ...] = ()
    processors: tuple[CpuSample, ...] = ()
    turns: tuple[Turn, ...] = ()
    steps: tuple[CallStep, ...] = ()
    sounds: tuple[CallSound, ...] = ()
    scripted: tuple[Turn, ...] = ()
    processes: tuple[ProcessEvent, ...] = ()
    rooms: tuple[Rooms, ...] = ()
    disks: tuple[Disk, ...] = ()
    sources: tuple[Source, ...] = ()
    pages: tuple[Page, ...] = ()
    page_calls: tuple[PageCall, ...] = ()
    end: End | None = None
    variant: AgentVariant | None = None
    variants: Mapping[VariantName, "Recording"] = field(default_factory=dict)
