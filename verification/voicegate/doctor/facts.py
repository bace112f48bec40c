"""What is known about the machine, the server and the agent before a run; bytes and seconds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voicegate.log_contract import LogContract

DiskPurpose = Literal["report", "models", "server"]
FileState = Literal["ready", "generate", "download", "missing", "altered"]
RecognizerState = Literal["ready", "download", "missing"]


@dataclass(frozen=True, slots=True)
class GivenServer:
    """A LiveKit server at an address; `refusal` is what it said to our key, None when it took it or was not asked.

    `clock_off_s` is how far its clock is ahead of ours, None when it does not tell.
    """

    url: str
    has_keys: bool
    answers: bool
    refusal: str | None = None
    clock_off_s: float | None = None


@dataclass(frozen=True, slots=True)
class ServerProgram:
    """A LiveKit server that can be started; `problem` says why its version is unknown."""

    path: Path
    source: Literal["PATH", "cache"]
    version: str | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class UnbuiltServer:
    """A LiveKit server that would be built first; without Go, `problem` says what there is instead."""

    version: str
    go: str | None
    problem: str | None = None


Server = GivenServer | ServerProgram | UnbuiltServer


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """Room for one purpose; purposes with equal `device` share it."""

    purpose: DiskPurpose
    path: Path
    device: int
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of the agent's models, and what preparing the agent would do about it."""

    path: str
    bytes: int
    state: FileState


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """The agent's command: `missing` are its parts that are not there.

    `client` is its program where that only has something else run the agent; `interpreter_problem` says why its Python
    cannot start an agent, None where it can or the program is no Python. With `own_imports` each call has a process that imports
    everything, as LiveKit's jobs do; those of our own agent are forked from one that has.
    """

    command: str
    missing: tuple[str, ...] = ()
    client: str | None = None
    interpreter_problem: str | None = None
    own_imports: bool = False


@dataclass(frozen=True, slots=True)
class Models:
    """What the agent says its models would take; `problem` is why it cannot have them, or did not say."""

    files: tuple[ModelFile, ...] = ()
    weights_bytes: int | None = None
    problem: str | None = None
    asked: bool = True  # whether the gate file names a command that tells


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be played: the calls at once, the copies of the models that are loaded then, and how long it takes.

    It takes up to `longer_s` more where the agent leaves the rooms of its calls open.
    """

    scenario: str
    most_calls: int
    most_copies: int
    expected_s: float
    longer_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine offers. `cores` are those we may run on, `tick_s` the resolution of its clock."""

    python: tuple[int, int, int]
    cores: int
    tick_s: float
    available_bytes: int
    memory_bytes: int
    open_files: int


@dataclass(frozen=True, slots=True)
class Listening:
    """What calls are made and judged with: clips (or why there are none), and the recognizer's model folder and state.

    `ears` names the recognizer for reports; `ears_fit` is False if it cannot write every word that replies may have.
    """

    codes: int
    sentences: int
    clips_problem: str | None
    recognizer: Path | None
    recognizer_state: RecognizerState
    ears: str = ""
    ears_fit: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the checks look at. Without a gate file, `gate` and `agent` are None: only the machine is known.

    `needs_browser` says whether calls from a web page are planned; `browser` is the one on PATH.
    """

    gate: Path | None
    machine: Machine
    plan: Plan
    server: Server
    port: int | None
    port_is_free: bool
    agent: AgentFacts | None
    profile: str
    models: Models
    disks: tuple[DiskRoom, ...]
    listening: Listening
    log: LogContract
    needs_browser: bool = False
    browser: str | None = None
