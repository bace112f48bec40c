"""Participants who call agents."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

import numpy as np
import pytest
from livekit import api, rtc
from voicegate.drive.livekit_server.server import LiveKitServer


class Participant:
    """Somebody in a room who notes what can be seen from there."""

    def __init__(self, server: LiveKitServer, room: str) -> None:
        self._server = server
        self.name = room
        self.room = rtc.Room()
        self._attributes: dict[str, str] = {}
        self.said: list[str] = []
        self.heard_samples = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.room.on("participant_attributes_changed", self._note_attributes)
        self.room.on("track_subscribed", self._note_track)
        self.room.register_text_stream_handler("lk.transcription", self._note_text)

    @property
    def has_agent(self) -> bool:
        """Whether an agent is in the room."""
        return any(True for _ in self._agents())

    @property
    def agent_attributes(self) -> dict[str, str]:
        """What agents in the room say, or said before they left, about themselves."""
        for agent in self._agents():
            self._attributes |= agent.attributes
        return self._attributes

    async def join(self) -> None:
        """Enter the room, which asks LiveKit for an agent if the room is new."""
        token = (
            api.AccessToken(self._server.api_key, self._server.api_secret)
            .with_identity("caller")
            .with_grants(api.VideoGrants(room_join=True, room=self.name))
        )
        await self.room.connect(self._server.url, token.to_jwt())

    async def leave(self) -> None:
        """Leave the room."""
        await self.room.disconnect()

    async def write(self, text: str) -> None:
        """Say something in writing, which the agent answers aloud."""
        await self.room.local_participant.send_text(text, topic="lk.chat")

    def _note_attributes(self, changed: dict[str, str], _: rtc.Participant) -> None:
        self._attributes |= changed

    def _agents(self) -> Iterator[rtc.RemoteParticipant]:
        agents = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        return (someone for someone in self.room.remote_participants.values() if someone.kind == agents)

    def _note_track(self, track: rtc.Track, *_: object) -> None:
        self._spawn(self._listen(track))

    def _note_text(self, reader: rtc.TextStreamReader, _: str) -> None:
        self._spawn(self._read(reader))

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=16_000, num_channels=1):
            self.heard_samples += int(
                np.count_nonzero(np.abs(np.frombuffer(event.frame.data, np.int16)) > 500)
            )

    async def _read(self, reader: rtc.TextStreamReader) -> None:
        self.said.append(await reader.read_all())


@pytest.fixture
async def participant(livekit: LiveKitServer) -> AsyncIterator[Callable[[str], Participant]]:
    """Give a function that makes participants; all of them leave at the end."""
    made: list[Participant] = []

    def make(room: str) -> Participant:
        made.append(Participant(livekit, room))
        return made[-1]

    yield make
    await asyncio.gather(*(someone.leave() for someone in made))
