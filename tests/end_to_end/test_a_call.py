"""One real call: a caller of the gate speaks, this repository's agent understands and answers. Quick enough for every run of the tests."""

import uuid
from pathlib import Path

import pytest
from live import StartAgent
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.events import Event, Turn
from voicegate.record.recording import start_clock

pytestmark = pytest.mark.end_to_end


async def test_a_spoken_code_comes_back(
    livekit: LiveKitServer, start_agent: StartAgent, tmp_path: Path
) -> None:
    """Over WebRTC: speech to text, the reply as text, and its sound."""
    clip = load_library().codes[0]
    events: list[Event] = []
    config = CallerConfig(
        livekit, uuid.uuid4().hex[:8], None, None, 30, 30, start_clock(), events.append, tmp_path
    )
    async with start_agent():
        caller = Caller("call-01", "call", config)
        try:
            await caller.dial()
            await caller.converse([clip])
        finally:
            await caller.hang_up()

    (turn,) = (event for event in events if isinstance(event, Turn))
    assert turn.transcript == clip.text
    assert (turn.reply_text or "").lower().rstrip(".") == clip.expected_reply
    assert turn.reply_audio_s is not None
    assert turn.reply_audio_s > 1
