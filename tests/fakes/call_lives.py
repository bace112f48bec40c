"""Calls from beginning to end on a model host that computes nothing: everything of a call but LiveKit's room.

What a call needs is made, used and given up again, many times over in one process, as calls in threads do. In these a
leak can be planted, which keeps what passes by.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web
from fakes.speech_engines import HEARD
from voicegate_agent.call import connect_models, open_session
from voicegate_agent.conversation.scripted import ScriptedReplies
from voicegate_agent.memory_release import release_memory
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import HostAddress
from voicegate_agent.model_host.recognition import Recognition, Utterance
from voicegate_agent.model_host.server import ModelHost, build_app
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.recordings import Recordings
from voicegate_agent.settings import AgentSettings

Leak = Callable[[object], object]

UTTERANCE = bytes(range(256)) * 500
"""Four seconds of sound: 128 kB, and 256 kB as Whisper hears it."""

REPLY_PIECE_BYTES, REPLY_PIECES = 16_000, 8
TURNS = 3


def forget(_: object) -> None:
    """Keep nothing."""


class ForgetfulEngine:
    """Recognizes and speaks without computing anything; only a leak keeps what it heard."""

    name = "forgetful"
    batch_frames = 2_000
    sample_rate_hz = 16_000

    def __init__(self, leak: Leak) -> None:
        self._leak = leak

    def recognize(self, utterances: Sequence[Utterance]) -> list[Recognition]:
        """Answer a batch."""
        self._leak(utterances)
        return [HEARD for _ in utterances]

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak."""
        for number in range(REPLY_PIECES):
            yield bytes([number]) * REPLY_PIECE_BYTES


@asynccontextmanager
async def hosting(folder: Path, leak: Leak = forget) -> AsyncIterator[HostAddress]:
    """Serve a host on a Unix socket in this process; a leak keeps every utterance."""
    metrics, engine = HostMetrics(), ForgetfulEngine(leak)
    host = ModelHost(lambda: TranscriptionQueue(engine, metrics), lambda: SpeechStreams(engine), metrics)
    runner = web.AppRunner(build_app(host), access_log=None)
    await runner.setup()
    try:
        await web.UnixSite(runner, folder / "host.sock").start()
        yield HostAddress.parse(f"unix:{folder / 'host.sock'}")
    finally:
        await runner.cleanup()


async def talk(address: HostAddress, calls: int, leak: Leak = forget) -> None:
    """Make so many calls that talk, one after the other; a leak keeps every piece of a reply."""
    for _ in range(calls):
        async with AsyncExitStack() as resources:
            client = await connect_models(AgentSettings(), address, resources)
            for _ in range(TURNS):
                await client.transcribe(UTTERANCE, 16_000, "en")
                async for piece in client.speak("one two", 16_000):
                    leak(piece)
    release_memory()


async def come_and_go(address: HostAddress, calls: int, leak: Leak = forget) -> None:
    """Make so many calls that say nothing, one after the other; a leak keeps every session."""
    for _ in range(calls):
        async with AsyncExitStack() as resources:
            client = await connect_models(AgentSettings(), address, resources)
            session = await open_session(AgentSettings(), client, ScriptedReplies(), Recordings())
            leak(session)
            await session.aclose()
            del session
    release_memory()
