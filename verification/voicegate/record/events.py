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

from voicegate.expected_reply import ExpectedReply
from voicegate.names import StepKind

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
class ProcessMemory:
    """Memory of one process of the agent's tree. `role`: see `process_tree.py`; bytes.

    `descriptors` are all open files, `sockets` those of them that are sockets, None if they were not counted. `cpu_s` are the
    seconds of CPU time it has used since it began, on behalf of itself and the kernel; None if that was not read. `call_sockets`
    are those of its sockets that may carry calls: see `call_sockets.py`; None if they could not be told.
    """

    pid: int
    ppid: int
    role: str  # "main", "model-host", "job", "other"
    name: str
    pss_bytes: int
    uss_bytes: int
    rss_bytes: int
    threads: int
    descriptors: int
    sockets: int | None = None
    cpu_s: float | None = None
    call_sockets: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """How many there are of something that may outlive a process, and what some of them are called, the newest first."""

    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemorySample:
    """All processes of the agent's tree at one time.

    `complete` is False when a living process could not be read; one that ended while sampling is left out.
    `duration_s` is how long the sampling took. `zombies` are processes that ended and that nobody collected, `temporary` is
    what lies in the agent's own temporary folder, and `shared` the shared memory that it opened and that is still there; each is
    None where it was not looked at.
    """

    t: float
    duration_s: float
    processes: tuple[ProcessMemory, ...]
    complete: bool = True
    zombies: Left | None = None
    temporary: Left | None = None
    shared: Left | None = None
    kind: Literal["memory"] = "memory"


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


GATE_CALLERS = "gate"
"""What the process is called in which the callers of a scenario live: the gate's own."""


@dataclass(frozen=True, slots=True)
class CallerProcessSample:
    """How a process that callers live in kept up, over the time since the last such event of its own.

    `cores` is the CPU time it used per second, 1.0 being one core; `lag_s` how late its event loop was at worst.
    """

    t: float
    process: str  # unique within the recording
    calls: int  # that it holds now
    cores: float
    lag_s: float
    kind: Literal["callers"] = "callers"


@dataclass(frozen=True, slots=True)
class CpuSample:
    """What the processors did until now. `cores` may be used by this run and all that goes on beside it.

    `busy_s` is the CPU time of everybody on them, `used_s` that of parts of the run outside the agent, by name: both grow, and
    only differences mean something.
    """

    t: float
    cores: float
    busy_s: float
    used_s: dict[str, float]
    kind: Literal["processors"] = "processors"


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of this run's callers that were open on the LiveKit server at one time, by name."""

    t: float
    names: tuple[str, ...]
    kind: Literal["rooms"] = "rooms"


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on the disk below a path at one time; bytes. `purpose` says what is written there.

    `written_bytes` is what the run's own folder holds, None where that is not the path (or was not measured, until version 3).
    """

    t: float
    purpose: Literal["report", "models"]
    path: str
    free_bytes: int
    total_bytes: int
    written_bytes: int | None = None
    kind: Literal["disk"] = "disk"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One place in a source file that sets or deletes a watched name.

    `function` is the innermost function it is in, None at module (or class) level; `locks` are the expressions of the
    `with` statements around it inside that function, outermost first.
    """

    name: str
    line: int
    function: str | None
    sets_none: bool  # None is assigned, or the name is deleted
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a static look at one of the agent's source files found; `problem` says why nothing could be."""

    t: float
    path: str
    names: tuple[str, ...]  # the names that were looked for
    assignments: tuple[Assignment, ...] = ()
    problem: str | None = None
    kind: Literal["source"] = "source"


@dataclass(frozen=True, slots=True)
class AudioGap:
    """Silence inside a sentence of the reply; seconds relative to the reply's first audio."""

    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a piece of a turn's sound was, from `after_s` seconds after `t` of the turn on, in steps of 5 ms.

    Each character of `dbfs` is a step: `#` is full scale, and each further one in ASCII 1 dB less, down to -80.
    """

    after_s: float
    dbfs: str


@dataclass(frozen=True, slots=True)
class ReportedWait:
    """What a LiveKit agent says of one reply, in seconds; None where it does not.

    `whole_s` runs from where it heard the caller's speech end until it began to speak; from there too `transcription_s` until the transcript
    was there, and `end_of_turn_s` until it took the turn to be over. `llm_s` and `tts_s` are the times to the first token, and to the first sound.
    """

    whole_s: float
    transcription_s: float | None = None
    end_of_turn_s: float | None = None
    llm_s: float | None = None
    tts_s: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: what the caller said, and what came back as text and as sound.

    `said_loudness` (while the caller spoke) and `heard_loudness` (from then until the next turn) are raw. A reply is looked for from
    `reply_from_t` on, where something else is heard before it: fillers, or the end of a reply that the caller interrupted. What follows
    from them, the times of speech and reply, `latency_s`, `reply_audio_s` and `gaps`, stands here as the limits of the run
    measured it; `measure/turns.py` measures it again for those that the recording is judged by.

    `latency_s` runs from the end of the caller's speech to the first audio of the reply, both taken
    from the audio itself. `transcript` is what the agent understood, `reply_text` what it wrote
    (both from LiveKit's transcription streams, None when none came); `heard_text` is what the gate's
    own recogniser made of the reply's audio, None when it did not run or could not; `unknown_words` are
    those of the reply that it cannot write. A `scripted` turn is a step of a scripted call. `reported` is what the agent says of its own wait.
    After a `goodbye` the agent may end the call.

    The two WAV files begin at the same instant, `audio_start_t`, and hold the whole call.

    A turn is written when it ends and again when its audio was recognised; the reader keeps the last.
    """

    t: float
    call: str
    index: int  # 0-based within the call
    clip: str
    said_text: str
    said_code: str | None  # the spoken code as digits, e.g. "4719"
    expected_reply: ExpectedReply
    speech_start_t: float
    speech_end_t: float
    reply_start_t: float | None
    reply_end_t: float | None
    latency_s: float | None
    transcript: str | None
    reply_text: str | None
    heard_text: str | None
    reply_audio_s: float  # seconds of sound in the reply, silence excluded
    gaps: tuple[AudioGap, ...] = ()
    clipped_samples: int = 0
    said_audio: str | None = None  # WAV path relative to the recording
    heard_audio: str | None = None
    audio_start_t: float | None = None
    language: str = "en"  # of what is said on both sides; ISO 639-1
    said_loudness: Loudness | None = None
    heard_loudness: Loudness | None = None
    unknown_words: tuple[str, ...] = ()
    reply_from_t: float | None = None
    scripted: bool = False
    reported: ReportedWait | None = None
    goodbye: bool = False
    kind: Literal["turn"] = "turn"

    @property
    def expected_text(self) -> str:
        """The whole text that was expected; empty where none is given word by word."""
        return self.expected_reply if isinstance(self.expected_reply, str) else ""

    @property
    def spoken_text(self) -> str:
        """What is to be heard: the reply's text, else the expected one."""
        return self.reply_text or self.expected_text


@dataclass(frozen=True, slots=True)
class Expected:
    """What a script expects of the agent in one step; what is left out, or false, is not asked for.

    An `answer` must fit, and begin within `within_s` of the end of the caller's speech; `once`, nothing else is said. Of a reply that the step
    speaks into it `keeps_talking`, or is silent within `stops_within_s`. With `no_answer` nothing begins to be heard.
    """

    answer: ExpectedReply | None = None
    within_s: float | None = None
    once: bool = False
    no_answer: bool = False
    keeps_talking: bool = False
    stops_within_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallStep:
    """A step of a scripted call: what the caller sent from `t` to `end_t`, and then heard until `over_t`.

    `step` says what it does, and `expects` what is expected of it, if its script says that. `what` is the name of the clip, or of the
    sound. `turn` is the index of the turn in which the clip was said; `pause` where it was silent
    inside; `into_reply_s` how long after the begin of the reply the step was to begin.
    """

    t: float
    call: str
    index: int  # 0-based within the call's script
    step: StepKind
    what: str
    end_t: float
    over_t: float
    turn: int | None = None
    pause: tuple[float, float] | None = None
    into_reply_s: float | None = None
    expects: Expected | None = None
    kind: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class CallSound:
    """How loud both sides of a scripted call were, from its begin at `t` to its end; `after_s` counts from `t`."""

    t: float
    call: str
    said: Loudness
    heard: Loudness
    kind: Literal["sound"] = "sound"


@dataclass(frozen=True, slots=True)
class Page:
    """From here on calls are made from a web page.

    `skipped` says why none are, because the gate file has no page or the machine no browser; `problem` what went wrong with the browser itself.
    """

    t: float
    url: str
    browser: str | None = None  # its name and version
    skipped: str | None = None
    problem: str | None = None
    kind: Literal["page"] = "page"


PageTest = Literal["one tab", "again", "three tabs"]
"""One tab calls, speaks, hears and hangs up; the same tab calls again; three tabs do so at once."""


@dataclass(frozen=True, slots=True)
class PageCall:
    """A call from a web page, as the page saw it; written when it is over, `began_t` is when the page was opened or called again.

    `connected_s` is the time until the agent was there, from then on `answered_s` until the reply to what was said was there, both None
    for never. `heard_s` are the seconds of sound above -50 dBFS that came and were played. `said_text` and `reply_text` is what the
    page wrote down, None where the gate file does not say where. `left` says whether hanging up closed every connection.

    The two WAV files begin at `audio_start_t`: what was said, and what came. `heard_text` is what the gate's own recognizer made of what came
    since the caller began to speak, None when it did not run or could not; not `fits_ears` means that the reply has words that it cannot
    write, or may have them. `expected_text` is the reply that was expected, empty where none is given word by word.

    A call is written when it is over and again when its audio was recognised; the reader keeps the last.
    """

    t: float
    began_t: float
    test: PageTest
    tab: int
    said_text: str
    said_code: str | None
    connected_s: float | None
    answered_s: float | None
    heard_s: float
    transcript: str | None
    reply_text: str | None
    packets_received: int
    packets_lost: int
    concealed_fraction: float  # of the samples that were played
    jitter_s: float
    left: bool
    problem: str | None = None  # what the page did not do, or the browser
    picture: str | None = None  # path relative to the recording, WebP or PNG
    complaints: tuple[str, ...] = ()  # errors of the page itself
    expected_text: str = ""
    said_audio: str | None = None  # WAV path relative to the recording
    heard_audio: str | None = None
    audio_start_t: float | None = None
    heard_text: str | None = None
    fits_ears: bool = True
    kind: Literal["page-call"] = "page-call"

    @property
    def spoken_text(self) -> str:
        """What is to be heard: what the page wrote down of the reply, else the expected one."""
        return self.reply_text or self.expected_text


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """A process of the run started or ended: the LiveKit server or the agent."""

    t: float
    what: Literal["livekit-server", "agent"]
    step: Literal["started", "ready", "stopped", "died"]
    pid: int
    exit_code: int | None = None
    kind: Literal["process"] = "process"


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
