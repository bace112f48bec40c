"""A LiveKit server, agents as processes of their own, and participants who call them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from livekit import api, rtc
from platformdirs import user_cache_path

from verification.drive.livekit_server.server import LiveKitServer, livekit_server
from verification.settings import LiveKitSection

READY = "registered worker"
READY_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 20.0
POLL_S = 0.05

StartAgent = Callable[..., AbstractAsyncContextManager["RunningAgent"]]


async def until(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Wait for a condition; fail with a sentence when it does not come true."""
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        pytest.fail(f"{what} not within {timeout_s:.0f} s")


@pytest.fixture
async def livekit(tmp_path: Path) -> AsyncIterator[LiveKitServer]:
    """Have a LiveKit server: the one in the environment, or one of our own."""
    section = LiveKitSection.model_validate(
        {
            name: os.environ[variable]
            for name, variable in (
                ("url", "LIVEKIT_URL"),
                ("api_key", "LIVEKIT_API_KEY"),
                ("api_secret", "LIVEKIT_API_SECRET"),
            )
            if variable in os.environ
        }
    )
    log = tmp_path / "livekit-server.log"
    async with livekit_server(
        section,
        os.environ,
        cache=user_cache_path("voicegate"),
        log=log,
        progress=print,
        on_step=lambda *_: None,
    ) as server:
        yield server


@dataclass(frozen=True, slots=True)
class RunningAgent:
    """An agent's first process, and where its log goes."""

    process: asyncio.subprocess.Process
    log_path: Path

    def log(self) -> str:
        """Read what it has logged so far."""
        return self.log_path.read_text(encoding="utf-8")

    def processes(self) -> list[psutil.Process]:
        """List it and all its descendants."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    async def stop(self) -> int:
        """Ask it to stop twice, which ends calls too; kill it if that does not help. Return its exit code."""
        for number, timeout_s in ((signal.SIGTERM, 1), (signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, 5)):
            if self.process.returncode is not None:
                break
            self.process.send_signal(number)
            try:
                await asyncio.wait_for(self.process.wait(), timeout_s)
            except TimeoutError:
                continue
        return await self.process.wait()


@pytest.fixture
def start_agent(livekit: LiveKitServer, tmp_path: Path) -> StartAgent:
    """Give a function that runs an agent, with settings as arguments, for the length of a block."""

    @asynccontextmanager
    async def start(*command: str, ready: bool = True, **variables: str) -> AsyncIterator[RunningAgent]:
        environment = {**os.environ, **livekit.environment(), **variables}
        log_path = tmp_path / "agent.log"
        with log_path.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *(command or ("agent",))),
                stdout=output,
                stderr=output,
                env=environment,
            )
        agent = RunningAgent(process, log_path)
        try:
            if ready:
                await until(
                    lambda: READY in agent.log() or process.returncode is not None,
                    READY_TIMEOUT_S,
                    "the agent is ready",
                )
                assert process.returncode is None, agent.log()
            yield agent
        finally:
            await agent.stop()

    return start


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
