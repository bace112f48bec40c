"""Who is heard in a room: callers who come back, two people, several agents, and words that come before the agent."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import numpy as np
import pytest
from live import StartAgent, until
from livekit import api, rtc
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer

from .conftest import Participant

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

MakeParticipant = Callable[..., Participant]

CLIPS = {clip.name: clip.samples for clip in load_library().clips}
CODE, HELLO = CLIPS["code-3957"], CLIPS["hello"]
CODE_REPLY, HELLO_REPLY = "Your code is three nine five seven.", "Hello, how can I help you?"
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
    start_agent: StartAgent, participant: MakeParticipant, livekit: LiveKitServer
) -> None:
    """While LiveKit still believes that the dead one is there, which it does for 20 s."""
    room = f"test-{uuid4().hex[:8]}"
    async with start_agent(VOICEGATE_LOAD_AT_START="true") as agent:
        first, second = participant(room, "first"), participant(room, "second")
        async with silent_process(livekit, first) as process:
            await until(
                lambda: "start reading" in agent.log() or "RoomIO linked" in agent.log(),
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
    start_agent: StartAgent, participant: MakeParticipant, livekit: LiveKitServer
) -> None:
    """Of three that were dispatched one stays; when the first of two people leaves, the other one gets an agent."""
    room = f"test-{uuid4().hex[:8]}"
    async with start_agent(VOICEGATE_LOAD_AT_START="true"):
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


async def test_what_is_said_or_typed_before_the_agent_is_ready_is_answered(
    start_agent: StartAgent, participant: MakeParticipant
) -> None:
    """Models are loaded in this first call; a client hands over what it recorded until the agent came, or text, as soon as it is there."""
    async with start_agent() as agent:
        caller = participant(f"test-{uuid4().hex[:8]}")
        await caller.join()
        track = await caller.publish(recorded=True)
        await until(lambda: caller.has_agent, TIMEOUT_S, "an agent")
        attributes = {"trackId": track, "sampleRate": "16000", "channels": "1"}
        writer = await caller.room.local_participant.stream_bytes(
            "lk.agent.pre-connect-audio-buffer",
            topic="lk.agent.pre-connect-audio-buffer",
            attributes=attributes,
        )
        await writer.write(CODE.tobytes())
        await writer.aclose()
        await caller.say(np.zeros(16_000, np.int16))
        await until(lambda: CODE_REPLY in caller.said, SOON_S, "the reply to what was recorded")
        other = participant(f"test-{uuid4().hex[:8]}")
        await other.join()
        await other.publish(rtc.TrackSource.SOURCE_UNKNOWN)
        await until(lambda: other.has_agent, TIMEOUT_S, "an agent")
        await other.write("hello")
        await until(lambda: HELLO_REPLY in other.said, SOON_S, "the reply to what was typed")
        assert "its source is SOURCE_UNKNOWN" in agent.log()


def agents(caller: Participant) -> int:
    """Count the agents in a room."""
    return sum(1 for _ in caller._agents())
