"""Whom of the people in a room the agent listens to, and which of several agents speaks.

LiveKit's session listens to the first one who came, also when that one's process has died and the same person is back under another name: LiveKit's
server takes 20 s to notice, and even then the session waits for the old name.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession

AGENT_ATTRIBUTE = "voicegate.agent"
"""Attribute that our agents have from the moment they join, by which they know each other."""

_HEARD = rtc.TrackSource.SOURCE_MICROPHONE
_SAID_GOODBYE = (
    rtc.DisconnectReason.CLIENT_INITIATED,
    rtc.DisconnectReason.ROOM_DELETED,
    rtc.DisconnectReason.USER_REJECTED,
)
"""After these LiveKit ends the session."""
_NO_CALLER = (rtc.ParticipantKind.PARTICIPANT_KIND_AGENT, rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS)

_log = logging.getLogger(__name__)


class Callers:
    """Moves a session from a caller who is gone, or silent, to one who is there, or speaks; `another_agent` is called when a newer one comes."""

    def __init__(self, room: rtc.Room, another_agent: Callable[[], None]) -> None:
        self._room = room
        self._another_agent = another_agent
        self._session: AgentSession[Any] | None = None
        self._lost: set[str] = set()

    def watch(self, session: AgentSession[Any]) -> None:
        """Begin; before the room is connected, so that nothing is missed."""
        self._session = session
        self._room.on("participant_connected", self._note_arrival)
        self._room.on("participant_disconnected", self._note_departure)
        self._room.on("track_subscribed", self._note_track)
        self._room.on("connection_quality_changed", self._note_quality)
        self._room.on("active_speakers_changed", self._note_speakers)

    def _note_arrival(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind in _NO_CALLER:
            if AGENT_ATTRIBUTE in participant.attributes:
                self._another_agent()
        else:
            self._lost.discard(participant.identity)

    def _note_departure(self, participant: rtc.RemoteParticipant) -> None:
        self._lost.discard(participant.identity)
        if participant.disconnect_reason not in _SAID_GOODBYE and participant.identity == self._listens_to():
            self._listen_to_another(participant.identity)

    def _note_track(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind != rtc.TrackKind.KIND_AUDIO or participant.kind in _NO_CALLER:
            return
        if publication.source != _HEARD:
            source = rtc.TrackSource.Name(publication.source)
            _log.warning("A track is not heard: its source is %s, expected SOURCE_MICROPHONE", source)
        elif (heard := self._listens_to()) is not None and self._is_gone(heard):
            self._listen_to_another(heard)

    def _note_quality(self, participant: rtc.Participant, quality: Any) -> None:  # noqa: ANN401 - an enum of protobuf
        if quality != rtc.ConnectionQuality.QUALITY_LOST:
            self._lost.discard(participant.identity)
            return
        self._lost.add(participant.identity)
        if participant.identity == self._listens_to():
            self._listen_to_another(participant.identity)

    def _note_speakers(self, speakers: Iterable[rtc.Participant]) -> None:
        """Follow whoever speaks, while the one who is listened to does not."""
        talking = [one.identity for one in speakers if one.identity in self._with_microphone()]
        if talking and self._listens_to() not in talking:
            self._listen_to(talking[0])

    def _listens_to(self) -> str | None:
        room_io = self._session._room_io if self._session else None  # noqa: SLF001 - `room_io` raises without
        return room_io._participant_identity if room_io else None  # noqa: SLF001 - it outlives the participant

    def _is_gone(self, identity: str) -> bool:
        return identity in self._lost or identity not in self._room.remote_participants

    def _listen_to_another(self, gone: str) -> None:
        others = [identity for identity in self._with_microphone() if identity != gone]
        if others:
            self._listen_to(others[-1])

    def _listen_to(self, identity: str) -> None:
        if self._session is not None and identity != self._listens_to():
            self._session.room_io.set_participant(identity)

    def _with_microphone(self) -> list[str]:
        """List who could be heard, in the order of their arrival."""
        return [
            one.identity
            for one in self._room.remote_participants.values()
            if one.kind not in _NO_CALLER
            and any(track.source == _HEARD and track.track for track in one.track_publications.values())
        ]
