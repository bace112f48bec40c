"""Speech is made as it is taken."""

import asyncio

from fakes.speech_engines import FakeTtsEngine
from voicegate_agent.model_host.speech_streams import SpeechStreams


async def test_every_piece_arrives_in_order() -> None:
    """The stream ends after the last piece."""
    speaker = SpeechStreams(FakeTtsEngine())
    assert [piece async for piece in speaker.speak("one two three", 1.0)] == [b"\x01\x00\x02\x00"] * 3


async def test_a_caller_that_leaves_stops_the_engine() -> None:
    """No sentence is computed for nobody, and the engine's generator ends."""
    engine = FakeTtsEngine()
    speech = SpeechStreams(engine).speak("one two three", 1.0)
    await anext(speech)
    await speech.aclose()
    assert engine.made == 1
    assert await asyncio.to_thread(engine.ended.wait, 10)


async def test_callers_take_turns() -> None:
    """Two streams of one engine do not mix and do not wait for each other's end."""
    speaker = SpeechStreams(FakeTtsEngine())
    one, other = speaker.speak("a b", 1.0), speaker.speak("c d", 1.0)
    pieces = [await anext(stream) for stream in (one, other, one, other)]
    assert len(pieces) == 4
    assert [piece async for piece in one] == []
