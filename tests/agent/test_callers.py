"""Whom an agent listens to, among people and agents in a room that is not there."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import AgentSession
from voicegate_agent.callers import AGENT_ATTRIBUTE, Callers

PERSON, AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
MICROPHONE, UNKNOWN = rtc.TrackSource.SOURCE_MICROPHONE, rtc.TrackSource.SOURCE_UNKNOWN
GOODBYE, TIMED_OUT = rtc.DisconnectReason.CLIENT_INITIATED, rtc.DisconnectReason.CONNECTION_TIMEOUT
LOST, GOOD = rtc.ConnectionQuality.QUALITY_LOST, rtc.ConnectionQuality.QUALITY_GOOD
SOUND = SimpleNamespace(kind=rtc.TrackKind.KIND_AUDIO)


class Room(rtc.EventEmitter[str]):
    """A room in which things happen when a test says so, and a session that listens to the first who came."""

    def __init__(self) -> None:
        super().__init__()
        self.remote_participants: dict[str, Any] = {}
        self._participant_identity: str | None = None
        self.newer_agents = 0
        callers = Callers(cast(rtc.Room, self), self._note_agent)
        callers.watch(cast(AgentSession[Any], SimpleNamespace(_room_io=self, room_io=self)))

    def _note_agent(self) -> None:
        self.newer_agents += 1

    @property
    def heard(self) -> str | None:
        """Who is listened to."""
        return self._participant_identity

    def set_participant(self, identity: str) -> None:
        """Listen to somebody."""
        self._participant_identity = identity

    def comes(
        self, name: str, source: int = MICROPHONE, kind: int = PERSON, attributes: Mapping[str, str] = {}
    ) -> None:
        """Let somebody come with a track."""
        track = SimpleNamespace(source=source, track=SOUND)
        someone = SimpleNamespace(
            identity=name,
            kind=kind,
            attributes=attributes,
            track_publications={"1": track},
            disconnect_reason=None,
        )
        self.remote_participants[name] = someone
        self._participant_identity = self._participant_identity or name
        self.emit("participant_connected", someone)
        self.emit("track_subscribed", SOUND, track, someone)

    def goes(self, name: str, reason: int) -> None:
        """Let somebody go."""
        someone = self.remote_participants.pop(name)
        someone.disconnect_reason = reason
        self.emit("participant_disconnected", someone)

    def line(self, name: str, quality: rtc.ConnectionQuality) -> None:
        """Let LiveKit tell how somebody's connection is."""
        self.emit("connection_quality_changed", self.remote_participants[name], quality)

    def speak(self, *names: str) -> None:
        """Let LiveKit tell who speaks."""
        self.emit("active_speakers_changed", [self.remote_participants[name] for name in names])


@pytest.fixture
def room() -> Room:
    """Have a room in which one caller is listened to."""
    made = Room()
    made.comes("first")
    return made


def test_who_is_back_is_heard_as_soon_as_the_old_line_is_lost(room: Room) -> None:
    """Whichever comes first."""
    room.comes("second")
    assert room.heard == "first"
    room.line("first", LOST)
    assert room.heard == "second"


def test_who_comes_after_the_line_was_lost_is_heard_at_once(room: Room) -> None:
    """Unless it was found again."""
    room.line("first", LOST)
    room.line("first", GOOD)
    room.comes("second")
    assert room.heard == "first"
    room.goes("second", GOODBYE)
    room.line("first", LOST)
    room.comes("third")
    assert room.heard == "third"


def test_a_caller_who_timed_out_leaves_the_line_to_another(room: Room) -> None:
    """To somebody who is there, or who comes later; where he said goodbye LiveKit ends the session."""
    room.comes("second")
    room.goes("first", TIMED_OUT)
    assert room.heard == "second"
    room.goes("second", TIMED_OUT)
    room.comes("third")
    assert room.heard == "third"
    room.comes("fourth")
    room.goes("third", GOODBYE)
    assert room.heard == "third"


def test_whoever_speaks_is_heard_while_the_other_is_silent(room: Room) -> None:
    """Two at once do not take the word from each other."""
    room.comes("second")
    room.speak("second", "first")
    assert room.heard == "first"
    room.speak("second")
    assert room.heard == "second"
    room.speak()
    assert room.heard == "second"


def test_a_track_that_is_no_microphone_is_not_followed_but_told_of(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    """LiveKit's session does not read it, and said nothing."""
    room.comes("player", UNKNOWN)
    room.speak("player")
    assert room.heard == "first"
    assert "its source is SOURCE_UNKNOWN" in caplog.text


def test_a_newer_agent_of_ours_has_the_call(room: Room) -> None:
    """Somebody else's agents, recorders for example, change nothing."""
    room.comes("recorder", kind=AGENT)
    assert room.newer_agents == 0
    room.comes("agent", kind=AGENT, attributes={AGENT_ATTRIBUTE: "1"})
    assert room.newer_agents == 1
    assert room.heard == "first"
