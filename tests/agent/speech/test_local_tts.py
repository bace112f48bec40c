"""LiveKit's text-to-speech interface over a shared engine."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from fakes.speech_engines import FakeSharedTTS
from livekit.agents import APIConnectionError, APIConnectOptions
from voicegate_agent import log_lines
from voicegate_agent.model_host.protocol import ModelHostUnavailableError
from voicegate_agent.recordings import Recordings
from voicegate_agent.speech import LocalTTS, LocalTTSConfig
from voicegate_agent.speech.local_tts import without_lead

MARK_S = 0.011
"""LiveKit marks the end of a segment with 10 ms of silence."""

ONCE = APIConnectOptions(max_retry=0)


@dataclass
class HeldTTS(FakeSharedTTS):
    """Speaks half a second, and the rest only when it is let go; knows whether it was stopped."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def speak(self, text: str, speed: float | None) -> AsyncGenerator[bytes, None]:
        """Speak."""
        try:
            yield bytes(16_000)
            await self.go_on.wait()
            yield bytes(16_000)
        finally:
            self.stopped.set()


async def test_all_audio_arrives() -> None:
    """The frames hold every sample, wherever the pieces were cut."""
    engine = FakeSharedTTS(pieces=[b"\x01", b"\x02\x03", b"\x04" * 6_397])
    tts = LocalTTS(LocalTTSConfig(), tts_instance=engine)
    frame = await tts.synthesize("hello").collect()
    assert bytes(frame.data)[:6_400] == b"\x01\x02\x03" + b"\x04" * 6_397
    assert frame.duration == pytest.approx(0.2, abs=MARK_S)
    assert (frame.sample_rate, frame.num_channels) == (16_000, 1)


async def test_callers_do_not_wait_for_a_voice_to_begin() -> None:
    """What is inaudible before the first word is left out, but for 10 ms; a piece that is silent is a pause."""
    word = b"\x00\x10" * 1_600
    engine = FakeSharedTTS(pieces=[bytes(2 * 1_600) + word, bytes(3_200)])
    frame = await LocalTTS(LocalTTSConfig(), tts_instance=engine).synthesize("hello").collect()
    assert frame.duration == pytest.approx(0.01 + 0.1 + 0.1, abs=MARK_S)
    assert without_lead(bytes(3_200), 16_000) == bytes(3_200)
    assert without_lead(b"\x01", 16_000) == b"\x01"


async def test_the_configured_speed_is_used() -> None:
    """The engine gets the text and the speed."""
    engine = FakeSharedTTS()
    await LocalTTS(LocalTTSConfig(speed=1.5), tts_instance=engine).synthesize("hello").collect()
    assert engine.spoken == [("hello", 1.5)]


async def test_the_first_audio_does_not_wait_for_the_rest() -> None:
    """Frames of the first sentence come out while the second is still being made."""
    engine = HeldTTS()
    async with LocalTTS(LocalTTSConfig(), tts_instance=engine).synthesize("one. two.") as stream:
        first = await asyncio.wait_for(anext(stream), 5)
        assert not engine.go_on.is_set()
        engine.go_on.set()
        rest_s = sum([event.frame.duration async for event in stream])
    assert first.frame.duration + rest_s == pytest.approx(1.0, abs=MARK_S)


async def test_an_interruption_stops_the_engine() -> None:
    """A stream that is closed early closes the engine's."""
    engine = HeldTTS()
    async with LocalTTS(LocalTTSConfig(), tts_instance=engine).synthesize("one. two.") as stream:
        await anext(stream)
    await asyncio.wait_for(engine.stopped.wait(), 5)


async def test_a_text_without_words_is_a_short_pause() -> None:
    """LiveKit takes no audio for a failure, so there is a little silence instead."""
    tts = LocalTTS(LocalTTSConfig(), tts_instance=FakeSharedTTS(pieces=()))
    frame = await tts.synthesize("...", conn_options=ONCE).collect()
    assert 0 < frame.duration < 0.1
    assert not any(bytes(frame.data))


async def test_a_lost_host_is_not_waited_for_twice() -> None:
    """The client has done that; LiveKit must not, because the caller would hear half a sentence twice."""
    engine = FakeSharedTTS(error=ModelHostUnavailableError("gone"))
    with pytest.raises(APIConnectionError) as caught:
        await LocalTTS(LocalTTSConfig(), tts_instance=engine).synthesize("hello", conn_options=ONCE).collect()
    assert not caught.value.retryable


def test_the_log_tells_of_the_shared_engine(caplog: pytest.LogCaptureFixture) -> None:
    """The two lines of the log contract, in order."""
    caplog.set_level(logging.INFO, "voicegate_agent.speech")
    LocalTTS(LocalTTSConfig(), tts_instance=FakeSharedTTS())
    assert caplog.messages == [log_lines.USING_LOCAL_TTS, log_lines.LOCAL_TTS_READY]


async def test_what_was_recorded_needs_no_model() -> None:
    """It is spoken while the host is gone; at another rate it would be no voice, and the host is asked."""
    engine = FakeSharedTTS(error=ModelHostUnavailableError("gone"))
    kept = Recordings(engine.sample_rate_hz, {"Goodbye.": b"\x10\x20" * engine.sample_rate_hz})
    speech = LocalTTS(LocalTTSConfig(recordings=kept), tts_instance=engine)
    frame = await speech.synthesize("Goodbye. ", conn_options=ONCE).collect()
    assert frame.duration == pytest.approx(1, abs=0.05)
    other = LocalTTSConfig(recordings=Recordings(engine.sample_rate_hz + 1, kept.sounds))
    with pytest.raises(APIConnectionError):
        await LocalTTS(other, tts_instance=engine).synthesize("Goodbye.", conn_options=ONCE).collect()
