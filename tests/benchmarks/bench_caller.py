"""What one caller of the gate costs in CPU time, beside LiveKit's client alone in a call with the same agent."""

import asyncio
import itertools
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import pytest
from benchmarks.entered import entered
from livekit import api, rtc
from our_agent import our_settings
from side_by_side.turns import SideBySide
from voicegate.drive.agent_process import running_agent
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.clips.library import Clip, load_library
from voicegate.drive.errors import DriveError
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.record.events import Event, Turn
from voicegate.record.recording import start_clock
from voicegate.record.timeline import RATE

TURNS = 2
BARE_TURN_S = 5.0
"""About how long a turn of a caller takes: a clip, the wait, the reply, the quiet after it."""

GREETING_S = 2.5

_LONGEST_CLIP_MS = 30_000
_TICK = RATE // 100


@dataclass(slots=True)
class Exchange:
    """How callers call a running agent, and the events that they emit."""

    config: CallerConfig
    events: list[Event] = field(default_factory=list)


@asynccontextmanager
async def exchange(folder: Path) -> AsyncIterator[Exchange]:
    """Start a LiveKit server and the agent with the small models."""
    settings = our_settings(os.environ).changed(profile="micro")
    clock, events = start_clock(), list[Event]()
    async with (
        livekit_server(
            settings.livekit,
            os.environ,
            cache=platformdirs.user_cache_path("voicegate"),
            log=folder / "livekit-server.log",
            progress=print,
            on_step=lambda *_: None,
        ) as server,
        running_agent(
            settings, server.environment(), log=folder / "agent.log", clock=clock, emit=lambda _: None
        ),
    ):
        config = CallerConfig(
            server=server,
            run="voicegate-bench",
            agent_name=settings.agent.agent_name,
            expected_reply=settings.agent.expected_reply,
            join_timeout_s=settings.scenario.join_timeout_s,
            reply_timeout_s=settings.scenario.reply_timeout_s,
            clock=clock,
            emit=events.append,
            folder=folder,
        )
        yield Exchange(config, events)


@pytest.fixture(scope="module")
def telephone(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Have an agent to call."""
    try:
        with entered(runner, exchange(tmp_path_factory.mktemp("calls"))) as found:
            yield found
    except DriveError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.benchmark(group="one caller", timer=time.process_time, min_rounds=5, max_time=1)
def bench_talking_call(side_by_side: SideBySide, telephone: Exchange, runner: asyncio.Runner) -> None:
    """Make a call of two turns, and count the CPU of this process, all threads; the server and the agent are others."""
    clips, numbers = load_library().codes[:TURNS], itertools.count(1)

    def ours() -> float:
        return runner.run(_call(telephone, f"call-{next(numbers)}", clips))

    def bare() -> float:
        return runner.run(_bare_call(telephone.config.server, f"bare-{next(numbers)}", clips))

    side_by_side(ours, bare, unit="second of a call, CPU", beside_is="LiveKit's client alone, CPU")


async def _call(telephone: Exchange, name: str, clips: Sequence[Clip]) -> float:
    """Make a call as a run of the gate does; return how long it was."""
    caller = Caller(name, "benchmark", telephone.config)
    began_s = time.monotonic()
    try:
        await caller.dial()
        await caller.converse(clips)
    finally:
        await caller.hang_up()
    took_s = time.monotonic() - began_s
    turns = [event for event in telephone.events if isinstance(event, Turn) and event.call == name]
    assert [turn.transcript for turn in turns] == [clip.text for clip in clips]
    return took_s


async def _bare_call(server: LiveKitServer, name: str, clips: Sequence[Clip]) -> float:
    """Join a room, say the clips and listen, with nothing but LiveKit's client; return how long it was."""
    began_s = time.monotonic()
    room, listening, heard = rtc.Room(), list[asyncio.Task[None]](), Counter[str]()
    room.on("track_subscribed", lambda track, *_: listening.append(asyncio.create_task(_count(track, heard))))
    grants = api.VideoGrants(room_join=True, room=f"voicegate-bench-{name}")
    token = api.AccessToken(server.api_key, server.api_secret).with_identity(name).with_grants(grants)
    await room.connect(server.url, token.to_jwt())
    source = rtc.AudioSource(RATE, 1, _LONGEST_CLIP_MS)
    try:
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        await room.local_participant.publish_track(track)
        await asyncio.sleep(GREETING_S)
        for clip in clips:
            samples = clip.samples[: len(clip.samples) // _TICK * _TICK]
            await source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))
            await asyncio.sleep(BARE_TURN_S)
    finally:
        await room.disconnect()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await source.aclose()
    assert heard["samples"] > BARE_TURN_S * RATE, "the agent was not heard"
    return time.monotonic() - began_s


async def _count(track: rtc.RemoteTrack, heard: Counter[str]) -> None:
    """Count the samples that arrive."""
    stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
    try:
        async for event in stream:
            heard["samples"] += event.frame.samples_per_channel
    finally:
        await stream.aclose()
