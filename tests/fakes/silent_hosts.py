"""Model hosts whose models compute nothing, served in the test's own process, and forms for them."""

from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from fakes.speech_engines import FakeAsrEngine, FakeTtsEngine
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.server import ModelHost, build_app
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.wav import wav_from_pcm

Client = TestClient[web.Request, web.Application]
SPEECH = wav_from_pcm(b"\x01\x02" * 16_000, 16_000)


async def client_of(host: ModelHost) -> Client:
    """Serve a host on a free port."""
    client = Client(TestServer(build_app(host), handler_cancellation=True))
    await client.start_server()
    return client


def host_of(tts: FakeTtsEngine | None = None, asr: FakeAsrEngine | None = None, **options: Any) -> ModelHost:
    """Make a host whose models compute nothing."""
    metrics = HostMetrics()
    return ModelHost(
        lambda: TranscriptionQueue(asr or FakeAsrEngine(), metrics),
        lambda: SpeechStreams(tts or FakeTtsEngine()),
        metrics,
        **options,
    )


def upload(data: bytes = SPEECH, **fields: str) -> aiohttp.FormData:
    """Make the form that OpenAI's clients send."""
    form = aiohttp.FormData(fields)
    form.add_field("file", data, filename="speech.wav")
    return form
