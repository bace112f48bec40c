"""A caller on a real LiveKit server, answered by a participant whose delay is known."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest
from calibration import CLIP, Answer, answering, calibrate
from stop_calibration import calibrate_stops
from voicegate.drive.caller import Caller, CallerConfig, CallError
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.events import CallEvent, Event, Turn
from voicegate.record.recording import start_clock

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

ANSWERS = (Answer(0.3), Answer(1.5, 0.4), Answer(0.7))
NETWORK_S = 0.5  # two codecs and two jitter buffers, on a busy machine
FRAME_S = 0.04  # in which the answerer hears: so much earlier may the end of what it heard seem to be


@dataclass
class Call:
    """The configuration of a caller, and the events that it emitted."""

    config: CallerConfig
    events: list[Event] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """The call's steps so far."""
        return [event.step for event in self.events if isinstance(event, CallEvent)]


def calling(server: LiveKitServer, folder: Path) -> Call:
    """Configure a caller for a server."""
    events: list[Event] = []
    return Call(
        CallerConfig(
            server, f"test-{uuid4().hex[:8]}", None, None, 10, 6, start_clock(), events.append, folder
        ),
        events,
    )


@pytest.mark.alone
async def test_the_latency_is_the_answerers_delay_and_the_network(
    livekit: LiveKitServer, tmp_path: Path
) -> None:
    """Never shorter than the wait really was, and longer only by what a codec and a jitter buffer take."""
    waits = await calibrate(livekit, ANSWERS, tmp_path)

    assert len(waits) == len(ANSWERS)
    for wait in waits:
        assert wait.answer.delay_s - FRAME_S <= wait.true_s <= wait.answer.delay_s + NETWORK_S
        assert 0 <= wait.way_s <= NETWORK_S
        assert wait.too_long_s == pytest.approx(0, abs=0.08)
        assert wait.turn.gaps == ()
        assert wait.turn.clipped_samples == 0


@pytest.mark.alone
async def test_an_interrupted_answerer_is_silent_when_it_really_was(
    livekit: LiveKitServer, tmp_path: Path
) -> None:
    """The time from the caller's first sound to the last one of the reply differs from the true one by the way through the network alone."""
    stops = await calibrate_stops(livekit, (0.5, 1.0), tmp_path)

    assert [stop.set_s for stop in stops] == [0.5, 1.0]
    for stop in stops:
        assert stop.set_s <= stop.true_s <= stop.set_s + NETWORK_S
        assert 0 <= stop.way_s <= NETWORK_S
    assert stops[0].way_s == pytest.approx(stops[1].way_s, abs=0.08)


@pytest.mark.alone
async def test_a_long_gap_is_part_of_the_reply(livekit: LiveKitServer, tmp_path: Path) -> None:
    """The caller neither talks into it nor hangs up on it, while the agent says that it speaks."""
    call = calling(livekit, tmp_path)
    async with answering(livekit, f"{call.config.run}-call-01", call.config.clock) as answerer:
        caller = Caller("call-01", "phase", call.config)
        try:
            await caller.dial()
            answering_it = asyncio.create_task(answerer.answer_with_gap(2.5))
            await caller.converse([CLIP])
            await answering_it
        finally:
            await caller.hang_up()

    (turn,) = [event for event in call.events if isinstance(event, Turn)]
    assert turn.reply_audio_s >= 0.9  # a late packet on a busy machine lengthens a reply
    assert [gap.duration_s for gap in turn.gaps] == [pytest.approx(2.5, abs=0.3)]


async def test_an_agent_that_leaves_breaks_the_call(livekit: LiveKitServer, tmp_path: Path) -> None:
    """The caller says so, and what was said until then is recorded."""
    call = calling(livekit, tmp_path)
    async with answering(livekit, f"{call.config.run}-call-01", call.config.clock) as answerer:
        caller = Caller("call-01", "phase", call.config)
        try:
            await caller.dial()
            leaving = asyncio.create_task(answerer.leave_when_spoken_to())
            with pytest.raises(CallError, match="the agent left the call"):
                await caller.converse([CLIP])
            await leaving
        finally:
            await caller.hang_up()

    assert call.steps == ["dialed", "joined", "agent_joined", "agent_audio", "agent_left", "hung_up"]
    (turn,) = [event for event in call.events if isinstance(event, Turn)]
    assert turn.latency_s is None


async def test_an_agent_may_leave_once_the_caller_has_said_goodbye(
    livekit: LiveKitServer, tmp_path: Path
) -> None:
    """What the caller wanted to say next is left out, and the call has not failed."""
    call = calling(livekit, tmp_path)
    async with answering(livekit, f"{call.config.run}-call-01", call.config.clock) as answerer:
        caller = Caller("call-01", "phase", call.config)
        try:
            await caller.dial()
            leaving = asyncio.create_task(answerer.leave_when_spoken_to())
            await caller.converse([replace(CLIP, goodbye=True), CLIP])
            await caller.follow((), (), CLIP)
            await leaving
        finally:
            await caller.hang_up()

    assert call.steps == ["dialed", "joined", "agent_joined", "agent_audio", "agent_left", "hung_up"]
    (turn,) = [event for event in call.events if isinstance(event, Turn)]
    assert turn.goodbye


async def test_a_server_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """The call fails at joining, in bounded time, and hanging up is harmless."""
    server = LiveKitServer("ws://127.0.0.1:9", "key", "secret" * 8)
    events: list[Event] = []
    caller = Caller(
        "call-01",
        "phase",
        CallerConfig(server, "test", None, None, 3, 6, start_clock(), events.append, tmp_path),
    )

    with pytest.raises(CallError, match="could not join the room"):
        await caller.dial()
    await caller.hang_up()

    assert [event.step for event in events if isinstance(event, CallEvent)] == ["dialed", "hung_up"]
