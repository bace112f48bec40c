"""Who is heard in a room: callers who come back, two people, and several agents."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from live import RunningAgent, until
from livekit import api
from voicegate.drive.livekit_server.server import LiveKitServer

from .conftest import Participant
from .speakers import CODE, CODE_REPLY, HELLO, HELLO_REPLY

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

MakeParticipant = Callable[..., Participant]

TIMEOUT_S = 60.0
SOON_S = 12.0

CALLER = """
import asyncio, sys
from livekit import rtc

async def call():
    room = rtc.Room()
    await room.connect(sys.argv[1], sys.argv[2])
    source = rtc.AudioSource(16_000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("voice", source)
    microphone = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, microphone)
    while True:
        await source.capture_frame(rtc.AudioFrame(bytes(320), 16_000, 1, 160))

asyncio.run(call())
"""


@asynccontextmanager
async def silent_process(
    server: LiveKitServer, caller: Participant
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Have somebody in the room whose process can be killed."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CALLER, server.url, caller.token())
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_who_comes_back_under_another_name_is_answered(
    agent: RunningAgent, participant: MakeParticipant, livekit: LiveKitServer
) -> None:
    """While LiveKit still believes that the dead one is there, which it does for 20 s."""
    room = f"test-{uuid4().hex[:8]}"
    first, second = participant(room, "first"), participant(room, "second")
    earlier = len(agent.log())
    async with silent_process(livekit, first) as process:
        await until(
            lambda: any(said in agent.log()[earlier:] for said in ("start reading", "RoomIO linked")),
            TIMEOUT_S,
            "the agent listens",
        )
        process.kill()
        await process.wait()
        await second.join()
        await second.publish()
        assert "first" in second.room.remote_participants
        await second.ask(HELLO, HELLO_REPLY, SOON_S)
        assert "first" in second.room.remote_participants


async def test_whoever_is_left_is_answered_by_one_agent(
    agent: RunningAgent, participant: MakeParticipant, livekit: LiveKitServer
) -> None:
    """Of three that were dispatched one stays; when the first of two people leaves, the other one gets an agent."""
    room = f"test-{uuid4().hex[:8]}"
    first, second = participant(room, "first"), participant(room, "second")
    await first.join()
    await first.publish()
    async with api.LiveKitAPI(livekit.url, livekit.api_key, livekit.api_secret) as server:
        for _ in range(2):
            await server.agent_dispatch.create_dispatch(api.CreateAgentDispatchRequest(room=room))
    await until(
        lambda: agents(first) == 1 and "lk.agent.state" in first.agent_attributes, TIMEOUT_S, "one agent"
    )
    await first.ask(CODE, CODE_REPLY, TIMEOUT_S)
    assert agents(first) == 1
    assert first.said.count(CODE_REPLY) == 1
    await second.join()
    await second.publish()
    await first.leave()
    await until(lambda: agents(second) == 0, TIMEOUT_S, "the first one's agent leaves")
    await until(lambda: agents(second) == 1, TIMEOUT_S, "the second one's agent")
    await second.ask(HELLO, HELLO_REPLY, TIMEOUT_S)


def agents(caller: Participant) -> int:
    """Count the agents in a room."""
    return sum(1 for _ in caller._agents())
