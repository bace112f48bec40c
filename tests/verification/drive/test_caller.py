"""A caller on a real LiveKit server, answered by a participant whose delay is known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from livekit import api, rtc
from voicegate.drive.caller import Caller, CallError, Line
from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.microphone import Microphone
from voicegate.record.events import CallEvent, Event, Turn
from voicegate.record.recording import Clock, start_clock
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

DELAY_S = 0.7
NETWORK_S = 0.5  # two codecs and two jitter buffers, on a busy machine


def tone(seconds: float, hertz: float) -> Samples:
    """Make a tone."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * hertz * t) * 9000, np.int16)


CLIP = Clip("tone", "beep", "1", "Beep.", tone(1.5, 300))


@dataclass
class Call:
    """A line and what came over it."""

    line: Line
    events: list[Event] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """The call's steps so far."""
        return [event.step for event in self.events if isinstance(event, CallEvent)]


def calling(server: LiveKitServer, folder: Path) -> Call:
    """Have a line to a server."""
    events: list[Event] = []
    return Call(
        Line(server, f"test-{uuid4().hex[:8]}", None, None, 10, 6, start_clock(), events.append, folder),
        events,
    )


@asynccontextmanager
async def answering(
    server: LiveKitServer, room_name: str, clock: Clock, *, leaves: bool = False
) -> AsyncIterator[None]:
    """Join a room and answer whoever speaks: a tone, DELAY_S after their last sound arrived. Or leave instead."""
    room, ear, mouth = rtc.Room(), Earphone(clock), Microphone(clock)
    room.on("track_subscribed", lambda track, *_: ear.listen_to(track))
    grants = api.VideoGrants(room_join=True, room=room_name)
    token = api.AccessToken(server.api_key, server.api_secret).with_identity("answerer").with_grants(grants)
    await room.connect(server.url, token.to_jwt())
    await room.local_participant.publish_track(mouth.track)
    speaking = asyncio.create_task(mouth.run())

    async def answer() -> None:
        while True:
            await ear.wait_for_sound(clock(), 60)
            if leaves:
                await room.disconnect()
                return
            await ear.wait_for_quiet(0.3, 60)
            assert ear.last_sound_t is not None
            await asyncio.sleep(max(0.0, ear.last_sound_t + DELAY_S - mouth.ahead_s - clock()))
            await mouth.say(tone(1.0, 500))

    answers = asyncio.create_task(answer())
    try:
        yield
    finally:
        for task in (answers, speaking):
            task.cancel()
        await asyncio.gather(answers, speaking, return_exceptions=True)
        await ear.close()
        await room.disconnect()


async def test_the_latency_is_the_answerers_delay_and_the_network(
    livekit: LiveKitServer, tmp_path: Path
) -> None:
    """Never shorter than the delay, and longer only by what two codecs and jitter buffers take."""
    call = calling(livekit, tmp_path)
    async with answering(livekit, f"{call.line.run}-call-01", call.line.clock):
        caller = Caller("call-01", "phase", call.line)
        try:
            await caller.dial()
            await caller.converse([CLIP, CLIP])
        finally:
            await caller.hang_up()

    turns = [event for event in call.events if isinstance(event, Turn)]
    assert call.steps == ["dialed", "joined", "agent_joined", "agent_audio", "hung_up"]
    assert len(turns) == 2
    for turn in turns:
        assert turn.latency_s is not None
        assert DELAY_S - 0.02 <= turn.latency_s <= DELAY_S + NETWORK_S
        assert turn.reply_audio_s == pytest.approx(1.0, abs=0.08)
        assert turn.gaps == ()
        assert turn.clipped_samples == 0


async def test_an_agent_that_leaves_breaks_the_call(livekit: LiveKitServer, tmp_path: Path) -> None:
    """The caller says so, and what was said until then is recorded."""
    call = calling(livekit, tmp_path)
    async with answering(livekit, f"{call.line.run}-call-01", call.line.clock, leaves=True):
        caller = Caller("call-01", "phase", call.line)
        try:
            await caller.dial()
            with pytest.raises(CallError, match="the agent left the call"):
                await caller.converse([CLIP])
        finally:
            await caller.hang_up()

    assert call.steps == ["dialed", "joined", "agent_joined", "agent_audio", "agent_left", "hung_up"]
    (turn,) = [event for event in call.events if isinstance(event, Turn)]
    assert turn.latency_s is None


async def test_a_server_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """The call fails at joining, in bounded time, and hanging up is harmless."""
    server = LiveKitServer("ws://127.0.0.1:9", "key", "secret" * 8)
    events: list[Event] = []
    caller = Caller(
        "call-01", "phase", Line(server, "test", None, None, 3, 6, start_clock(), events.append, tmp_path)
    )

    with pytest.raises(CallError, match="could not join the room"):
        await caller.dial()
    await caller.hang_up()

    assert [event.step for event in events if isinstance(event, CallEvent)] == ["dialed", "hung_up"]
