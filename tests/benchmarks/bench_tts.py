"""Text to speech: the agent's speaker beside Piper as it ships."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from benchmarks.speech import REPLY
from piper import PiperVoice
from side_by_side.turns import SideBySide
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.models.files import ModelFiles

pytestmark = pytest.mark.benchmark(group="text to speech")

PIPER = "Piper as shipped"


@pytest.fixture(scope="module")
def speaker(open_speaker: Callable[[Path], SpeechStreams], files: ModelFiles) -> SpeechStreams:
    """Load the voice as the agent does."""
    return open_speaker(files.voice)


@pytest.fixture(scope="module")
def shipped(files: ModelFiles) -> PiperVoice:
    """Load the voice as Piper does."""
    return PiperVoice.load(files.voice)


def bench_first_audio(
    side_by_side: SideBySide,
    speaker: SpeechStreams,
    shipped: PiperVoice,
    runner: asyncio.Runner,
    files: ModelFiles,
) -> None:
    """Wait for the first piece of a reply of three sentences; beside it for all of it."""

    async def first_piece() -> bytes:
        async with aclosing(speaker.speak(REPLY, 1.0)) as pieces:
            return await anext(pieces)

    def ours() -> float:
        assert runner.run(first_piece())
        return 1

    def whole() -> float:
        assert len(list(shipped.synthesize(REPLY))) == 3
        return 1

    conditions = {"voice": files.voice.name}
    side_by_side(ours, whole, unit="reply", beside_is=f"{PIPER}, the whole reply", conditions=conditions)


def bench_real_time(
    side_by_side: SideBySide,
    speaker: SpeechStreams,
    shipped: PiperVoice,
    runner: asyncio.Runner,
    files: ModelFiles,
) -> None:
    """Speak a whole reply; the time per second of speech is the real-time factor."""
    rate_hz = speaker.sample_rate_hz

    async def spoken_bytes() -> int:
        return sum([len(piece) async for piece in speaker.speak(REPLY, 1.0)])

    def ours() -> float:
        return runner.run(spoken_bytes()) / 2 / rate_hz

    def theirs() -> float:
        return sum(len(chunk.audio_int16_bytes) for chunk in shipped.synthesize(REPLY)) / 2 / rate_hz

    conditions = {"voice": files.voice.name}
    side_by_side(ours, theirs, unit="second of speech", beside_is=PIPER, conditions=conditions)
