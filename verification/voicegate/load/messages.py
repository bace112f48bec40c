"""What Locust and a process of callers say to each other over a Unix socket: lines of JSON.

A connection is a call, or a watch. Its first line is a request. Back come the recording's events as they happen, mixed with
`LocustEntry` lines for Locust's statistics; a call ends with `Over`. Closing the sending half hangs up.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import Discriminator, TypeAdapter

from voicegate.expected_reply import ExpectedReply
from voicegate.names import ClipKind

EVENTS_SOCKET = "VOICEGATE_EVENTS"
"""The variable by which Locust's processes find the socket of the run that records them."""


@dataclass(frozen=True, slots=True)
class CallRequest:
    """Asks for one call: join a room of its own, say `turns` with pauses before each, hang up.

    `name` is unique within the run. `pauses_s` are seconds of thinking before each turn.
    """

    name: str
    phase: str
    run: str  # goes before the names of rooms
    url: str
    api_key: str
    api_secret: str
    turns: tuple[ClipKind, ...]
    pauses_s: tuple[float, ...]
    join_timeout_s: float
    reply_timeout_s: float
    agent_name: str | None = None
    expected_reply: ExpectedReply | None = None
    language: str = "en"
    fillers: tuple[str, ...] = ()
    spoken: str = ""
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """Asks how the process keeps up: a `CallerProcessSample` event every `interval_s`."""

    interval_s: float
    kind: Literal["watch"] = "watch"


Request = Annotated[CallRequest | WatchRequest, Discriminator("kind")]


@dataclass(frozen=True, slots=True)
class LocustEntry:
    """One line of Locust's statistics: what was done, how long it took in seconds (None: it never came), and what was wrong with it."""

    name: str
    response_s: float | None
    problem: str | None = None
    kind: Literal["outcome"] = "outcome"


@dataclass(frozen=True, slots=True)
class Over:
    """The last line of a call: everything about it has been said."""

    kind: Literal["over"] = "over"


_REQUEST: TypeAdapter[CallRequest | WatchRequest] = TypeAdapter(cast("Any", Request))


def to_line(message: CallRequest | WatchRequest | LocustEntry | Over) -> bytes:
    """Write a message as a line."""
    return bytes(TypeAdapter(type(message)).dump_json(message)) + b"\n"


def request_from(line: bytes) -> CallRequest | WatchRequest:
    """Read a request. Raises ValueError for anything else."""
    return _REQUEST.validate_json(line)
