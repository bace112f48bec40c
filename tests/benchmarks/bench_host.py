"""The way to the model host and back, over its Unix socket, beside the same models in this process; micro models always."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from benchmarks.entered import entered
from benchmarks.speech import REPLY, Utterance
from side_by_side.turns import SideBySide
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, ModelKind
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.supervisor import ModelHostSupervisor
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

pytestmark = pytest.mark.benchmark(group="round trip to the model host")

IN_PROCESS = "the model in this process"


@asynccontextmanager
async def running_host(config: HostConfig) -> AsyncIterator[ModelHostClient]:
    """Have a host with its models loaded, and a client of it."""
    async with ModelHostSupervisor(config) as host, ModelHostClient(host.address) as client:
        for kind in ModelKind:
            await client.load(kind)
        yield client


@pytest.fixture(scope="module")
def client(runner: asyncio.Runner, micro_config: HostConfig) -> Iterator[ModelHostClient]:
    """Talk to a host with the packaged models."""
    with entered(runner, running_host(micro_config)) as client:
        yield client


@pytest.fixture(scope="module")
def recognizer(micro_config: HostConfig) -> Iterator[TranscriptionQueue]:
    """Have the same model in this process."""
    recognizer = TranscriptionQueue(
        WhisperEngine.load(micro_config.files.asr_dir, micro_config.files.asr_name), HostMetrics()
    )
    yield recognizer
    recognizer.close()


def bench_transcription(
    side_by_side: SideBySide,
    client: ModelHostClient,
    recognizer: TranscriptionQueue,
    runner: asyncio.Runner,
    utterances: list[Utterance],
) -> None:
    """Send an utterance and get its text."""
    utterance = utterances[0]
    pcm = (utterance.samples * 32768).astype(np.int16).tobytes()

    def through_host() -> float:
        utterance.check(runner.run(client.transcribe(pcm, ASR_SAMPLE_RATE_HZ, "en")).text)
        return 1

    def in_process() -> float:
        utterance.check(runner.run(recognizer.transcribe(utterance.samples, "en")).text)
        return 1

    side_by_side(through_host, in_process, unit="utterance", beside_is=IN_PROCESS)


def bench_speech(
    side_by_side: SideBySide,
    client: ModelHostClient,
    open_speaker: Callable[[Path], SpeechStreams],
    runner: asyncio.Runner,
    micro_config: HostConfig,
) -> None:
    """Send a reply and get all samples of its speech."""
    speaker = open_speaker(micro_config.files.voice)
    rate_hz = speaker.sample_rate_hz

    async def size_through_host() -> int:
        return sum([len(piece) async for piece in client.speak(REPLY, rate_hz)])

    async def size_in_process() -> int:
        return sum([len(piece) async for piece in speaker.speak(REPLY, 1.0)])

    def through_host() -> float:
        return runner.run(size_through_host()) / 2 / rate_hz

    def in_process() -> float:
        return runner.run(size_in_process()) / 2 / rate_hz

    side_by_side(through_host, in_process, unit="second of speech", beside_is=IN_PROCESS)
