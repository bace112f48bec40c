"""The agent's coming and going, in a room made by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from livekit import rtc
from livekit.rtc import ParticipantKind
from voicegate.drive.earphone import Earphone
from voicegate.drive.presence import Presence
from voicegate.drive.transcripts import Transcripts
from voicegate.drive.voices import STATE


class Somebody(rtc.RemoteParticipant):
    """A participant without a server."""

    def __init__(self, identity: str, kind: "ParticipantKind.ValueType", **attributes: str) -> None:
        self._known = (identity, kind, attributes)

    @property
    def identity(self) -> str:
        """Its name."""
        return self._known[0]

    @property
    def kind(self) -> "ParticipantKind.ValueType":
        """What it is."""
        return self._known[1]

    @property
    def attributes(self) -> dict[str, str]:
        """What it says."""
        return self._known[2]


@dataclass
class Room:
    """Tells whoever asked what happens in it."""

    remote_participants: dict[str, rtc.RemoteParticipant] = field(default_factory=dict)
    told: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def on(self, what: str, tell: Callable[..., Any]) -> None:
        """Remember who asked."""
        self.told[what] = tell


def watched(room: Room, told: list[tuple[str, str]]) -> Presence:
    """Watch a room, and note what is told."""
    presence = Presence(
        cast("rtc.Room", room),
        Earphone(lambda: 1.0),
        Transcripts("call-01", lambda: 1.0),
        lambda step, who: told.append((step, who)),
    )
    presence.attach()
    return presence


def test_an_agent_that_was_there_before_is_told_once_the_room_is_joined() -> None:
    """A call's steps come in their order; and a helper's are none."""
    room, told = Room(), list[tuple[str, str]]()
    presence = watched(room, told)
    agent = Somebody("agent-7", ParticipantKind.PARTICIPANT_KIND_AGENT, **{STATE: "speaking"})
    helper = Somebody("helper", ParticipantKind.PARTICIPANT_KIND_STANDARD)
    room.remote_participants = {one.identity: one for one in (helper, agent)}
    room.told["participant_connected"](agent)
    assert not presence.joined.is_set()
    presence.look_around()
    assert presence.joined.is_set()
    assert presence.speaks()
    room.told["participant_disconnected"](helper)
    assert not presence.left.is_set()
    room.told["participant_disconnected"](agent)
    room.told["participant_disconnected"](agent)
    assert told == [("agent_joined", "agent-7"), ("agent_left", "agent-7")]


def test_a_call_that_was_handed_over_goes_on() -> None:
    """The first agent may go as soon as a second one has a session; the call is over when that one goes."""
    room, told = Room(), list[tuple[str, str]]()
    presence = watched(room, told)
    first, second = (
        Somebody(name, ParticipantKind.PARTICIPANT_KIND_AGENT, **{STATE: "listening"})
        for name in ("agent-7", "agent-8")
    )
    presence.look_around()
    for one in (first, second):
        room.told["participant_connected"](one)
    room.told["participant_disconnected"](first)
    assert not presence.left.is_set()
    room.told["participant_disconnected"](second)
    assert presence.left.is_set()
    assert told == [("agent_joined", "agent-7"), ("agent_left", "agent-8")]


def test_a_closed_room_is_told_once_as_the_agents_leaving() -> None:
    """Whether the agent was seen to leave before or not."""
    told: list[tuple[str, str]] = []
    presence = watched(Room(), told)
    presence.closed("the room was closed during the call")
    presence.closed("again")
    assert told == [("agent_left", "the room was closed during the call")]
    assert presence.left.is_set()
