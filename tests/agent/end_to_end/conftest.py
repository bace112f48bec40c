"""Participants who call agents."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

import numpy as np
import pytest
from livekit import api, rtc
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples


class Participant:
    """Somebody in a room who notes what can be seen from there."""

    def __init__(self, server: LiveKitServer, room: str, identity: str = "caller") -> None:
        self._server = server
        self.name = room
        self.identity = identity
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

    def token(self) -> str:
        """Make what lets it into the room."""
        return (
            api.AccessToken(self._server.api_key, self._server.api_secret)
            .with_identity(self.identity)
            .with_grants(api.VideoGrants(room_join=True, room=self.name))
            .to_jwt()
        )

    async def join(self) -> None:
        """Enter the room, which asks LiveKit for an agent if the room is new."""
        await self.room.connect(self._server.url, self.token())

    async def publish(
        self, source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_MICROPHONE, *, recorded: bool = False
    ) -> str:
        """Have a track to speak on, of which a recording may come before; give its number."""
        self._voice = rtc.AudioSource(RATE, 1, 60_000)
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._voice)
        options = rtc.TrackPublishOptions(source=source, preconnect_buffer=recorded)
        return (await self.room.local_participant.publish_track(track, options)).sid

    async def say(self, samples: Samples) -> None:
        """Say something, and be silent for as long as ends a turn."""
        for part in (samples, np.zeros(2 * RATE, np.int16)):
            frame = rtc.AudioFrame(part.tobytes(), RATE, 1, len(part))
            await self._voice.capture_frame(frame)
        await self._voice.wait_for_playout()

    async def ask(self, samples: Samples, reply: str, timeout_s: float) -> None:
        """Say something again and again until it is replied to: a person does, whose first word nobody heard."""
        give_up_s = time.monotonic() + timeout_s
        while reply not in self.said:
            assert time.monotonic() < give_up_s, f"no reply in {timeout_s:.0f} s: {self.said}"
            await self.say(samples)

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
async def participant(livekit: LiveKitServer) -> AsyncIterator[Callable[..., Participant]]:
    """Give a function that makes participants; all of them leave at the end."""
    made: list[Participant] = []

    def make(room: str, identity: str = "caller") -> Participant:
        made.append(Participant(livekit, room, identity))
        return made[-1]

    yield make
    await asyncio.gather(*(someone.leave() for someone in made))
