"""Turns in real calls: pauses, interruptions, and lines that fall silent. How good they are in figures says tests/turn_taking.py."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import numpy as np
import pytest
from aiohttp import web
from live import StartAgent, until
from turn_taking import SOUNDS, with_pause
from voicegate.drive.caller import Caller, Line
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.recording import start_clock
from voicegate.record.timeline import RATE

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

CLIPS = {clip.name: clip for clip in load_library().clips}
CODE, OTHER = CLIPS["code-3957"], CLIPS["code-6187"]
ANSWER_TIMEOUT_S = 30.0
LONG_REPLY = " ".join(f"This is sentence number {number} of a long reply." for number in range(1, 12))


class Speaker:
    """A caller who speaks when told to, and knows what the agent wrote."""

    def __init__(self, server: LiveKitServer) -> None:
        self._clock = start_clock()
        line = Line(server, f"test-{uuid4().hex[:8]}", None, None, 20, 8, self._clock, lambda _: None, None)
        self.caller = Caller("caller", "turns", line)

    async def say(self, samples: np.ndarray) -> float:
        """Say something; give when it began."""
        return (await self.caller._microphone.say(samples)).start_t

    async def hear_beginning(self) -> None:
        """Wait until the agent speaks."""
        assert await self.caller._earphone.wait_for_sound(self._clock(), ANSWER_TIMEOUT_S)

    async def hear_end(self) -> float:
        """Wait until the agent has been quiet for a while; give its last sound."""
        assert await self.caller._earphone.wait_for_quiet(1.5, ANSWER_TIMEOUT_S)
        return self.caller._earphone.last_sound_t or 0.0

    def replies(self) -> str:
        """Give all that the agent wrote."""
        return self.caller._transcripts.agent_said(0.0, self._clock()) or ""


@asynccontextmanager
async def dialed(server: LiveKitServer) -> AsyncIterator[Speaker]:
    """Have a caller in a call."""
    speaker = Speaker(server)
    try:
        await speaker.caller.dial()
        yield speaker
    finally:
        await speaker.caller.hang_up()


async def test_a_pause_in_a_code_is_answered_once_and_whole(
    start_agent: StartAgent, livekit: LiveKitServer
) -> None:
    """The first sound of the first reply comes after the last digit."""
    async with start_agent() as agent, dialed(livekit) as speaker:
        await speaker.say(with_pause(CODE.samples, 0.8)[0])
        await until(lambda: "Your code is" in speaker.replies(), ANSWER_TIMEOUT_S, "the reply")
        await speaker.hear_end()
        assert speaker.replies() == "Your code is three nine five seven."
        assert "ERROR" not in agent.log()


async def test_the_first_reply_can_be_interrupted(start_agent: StartAgent, livekit: LiveKitServer) -> None:
    """What is said over it is heard from its first word; LiveKit would be deaf for 3 s."""
    async with start_agent(), dialed(livekit) as speaker:
        await speaker.say(CODE.samples)
        await speaker.hear_beginning()
        await speaker.say(OTHER.samples)
        await until(lambda: "six one eight seven" in speaker.replies(), ANSWER_TIMEOUT_S, "the other reply")


async def test_a_hum_does_not_end_the_reply(start_agent: StartAgent, livekit: LiveKitServer) -> None:
    """The reply may stop for it, and goes on to its end; nothing answers the hum."""
    async with start_agent(), dialed(livekit) as speaker:
        await speaker.say(CODE.samples)
        await speaker.hear_beginning()
        hummed_t = await speaker.say(SOUNDS["mm-hmm"])
        assert await speaker.hear_end() > hummed_t + 0.7
        assert speaker.replies() == "Your code is three nine five seven."


async def test_a_line_that_is_cut_in_a_word_is_answered(
    start_agent: StartAgent, livekit: LiveKitServer
) -> None:
    """Whoever mutes in the middle of a word has still said what came before."""
    async with start_agent(), dialed(livekit) as speaker:
        saying = asyncio.create_task(speaker.say(CODE.samples))
        await asyncio.sleep(0.8 * len(CODE.samples) / RATE)
        room = speaker.caller._room.local_participant
        await room.unpublish_track(next(iter(room.track_publications)))
        await until(lambda: bool(speaker.replies()), ANSWER_TIMEOUT_S, "a reply")
        saying.cancel()


@pytest.fixture
async def long_replies() -> AsyncIterator[tuple[str, list[list[dict[str, str]]]]]:
    """Have a chat endpoint that talks for long, and all that it was asked."""
    asked: list[list[dict[str, str]]] = []

    async def complete(request: web.Request) -> web.StreamResponse:
        asked.append((await request.json())["messages"])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        choice = {"index": 0, "delta": {"role": "assistant", "content": LONG_REPLY}}
        chunk = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "m",
            "choices": [choice],
        }
        await response.write(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/v1", asked
    await runner.cleanup()


async def test_the_history_keeps_what_was_really_said(
    start_agent: StartAgent,
    livekit: LiveKitServer,
    long_replies: tuple[str, list[list[dict[str, str]]]],
) -> None:
    """Of a reply that the caller interrupted the model is shown the beginning only."""
    url, asked = long_replies
    async with (
        start_agent(VOICEGATE_REPLIES_URL=url, VOICEGATE_REPLIES_MODEL="m"),
        dialed(livekit) as speaker,
    ):
        await speaker.say(CODE.samples)
        await speaker.hear_beginning()
        await asyncio.sleep(2.0)
        await speaker.say(OTHER.samples)
        await until(
            lambda: len(asked) > 1 and "six" in json.dumps(asked[-1]), ANSWER_TIMEOUT_S, "the next turn"
        )
        kept = [one["content"] for one in asked[-1] if one["role"] == "assistant"]
        assert len(kept) == 1
        assert 0 < len(kept[0]) < len(LONG_REPLY) / 2
        assert LONG_REPLY.startswith(kept[0].strip())
