"""Callers who speak when a test tells them to, what they say, and how it is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import numpy as np
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.recording import start_clock

ANSWER_TIMEOUT_S = 30.0
CLIPS = {clip.name: clip.samples for clip in load_library().clips}
CODE, OTHER_CODE, HELLO = CLIPS["code-3957"], CLIPS["code-6187"], CLIPS["hello"]
CODE_REPLY, HELLO_REPLY = "Your code is three nine five seven.", "Hello, how can I help you?"


class Speaker:
    """A caller who speaks when told to, and knows what the agent wrote."""

    def __init__(self, server: LiveKitServer) -> None:
        self._clock = start_clock()
        config = CallerConfig(
            server, f"test-{uuid4().hex[:8]}", None, None, 20, 8, self._clock, lambda _: None, None
        )
        self.caller = Caller("caller", "turns", config)

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
