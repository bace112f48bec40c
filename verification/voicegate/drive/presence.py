"""The agent in a caller's room: when it comes and goes, and its voice in the caller's ear."""

import asyncio
from collections.abc import Callable
from typing import Literal

from livekit import rtc

from voicegate.drive.earphone import Earphone
from voicegate.drive.transcripts import Transcripts
from voicegate.drive.voices import STATE, Agents, is_microphone, rank

Tell = Callable[[Literal["agent_joined", "agent_left"], str], None]


class Presence:
    """Watches a room; `tell` hears the identity of the agent when it has come, and when it has gone, once each."""

    def __init__(self, room: rtc.Room, earphone: Earphone, transcripts: Transcripts, tell: Tell) -> None:
        self.joined = asyncio.Event()
        self.left = asyncio.Event()
        self._room = room
        self._earphone = earphone
        self._transcripts = transcripts
        self._tell = tell
        self._agents = Agents()
        self._in_room = False

    def attach(self) -> None:
        """Begin to watch, before the room is joined."""
        self._room.on("participant_connected", self._on_participant)
        self._room.on("participant_attributes_changed", lambda _, whose: self._on_participant(whose))
        self._room.on("participant_disconnected", self._on_left)
        self._room.on("track_subscribed", self._on_track)

    def look_around(self) -> None:
        """See who was there before, now that the room is joined: what came until then was not told yet."""
        self._in_room = True
        for participant in self._room.remote_participants.values():
            self._on_participant(participant)

    def speaks(self) -> bool | None:
        """Whether the agent says of itself that it speaks, as LiveKit's agents do: then a silence is a gap in its reply. None if nobody says."""
        own = [one.attributes for one in self._room.remote_participants.values()]
        states = [attributes[STATE] for attributes in own if STATE in attributes]
        return "speaking" in states if states else None

    def _on_participant(self, participant: rtc.Participant, *, heard: bool = False) -> None:
        if not isinstance(participant, rtc.RemoteParticipant):
            return
        agent = self._agents.came(participant, heard=heard)
        if agent and self._in_room and not self.joined.is_set():
            self.joined.set()
            self._tell("agent_joined", participant.identity)

    def closed(self, reason: str) -> None:
        """Note that the agent closed the room, with whoever was in it."""
        if not self.left.is_set():
            self.left.set()
            self._tell("agent_left", reason)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if self._agents.left(participant):
            self.closed(participant.identity)

    def _on_track(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            voices = self._transcripts.voices
            self._earphone.listen_to(
                track, lambda: rank(publication, participant, voices), sure=is_microphone(publication)
            )
            self._on_participant(participant, heard=True)
