"""Handles on the two models that all calls share, wherever they live."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from voicegate_agent import log_lines
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.protocol import ModelKind, Transcript

logger = logging.getLogger("voicegate_agent.speech")


class SharedASR(Protocol):
    """A speech-to-text model that was loaded once; equal ids mean the same load."""

    @property
    def id(self) -> int:
        """The number drawn when the model was loaded."""
        ...

    @property
    def name(self) -> str:
        """What the model is called."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """The rate at which it hears."""
        ...

    async def transcribe(self, pcm: bytes, language: str | None) -> Transcript:
        """Transcribe mono signed 16-bit samples at `sample_rate_hz`; raises ModelHostError."""
        ...


class SharedTTS(Protocol):
    """A text-to-speech engine that was loaded once; equal ids mean the same load."""

    @property
    def id(self) -> int:
        """The number drawn when the engine was loaded."""
        ...

    @property
    def name(self) -> str:
        """What the voice is called."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """The rate at which it speaks."""
        ...

    def speak(self, text: str, speed: float | None) -> AsyncGenerator[bytes, None]:
        """Speak: mono signed 16-bit samples at `sample_rate_hz`, cut anywhere; raises ModelHostError."""
        ...


async def get_shared_asr(client: ModelHostClient) -> SharedASR:
    """Give a handle on the host's speech-to-text model; the first call has it loaded and waits for that.

    Logs that the model is reused when it was there already; the host logs that it loads it.
    Raises ModelHostError when the model cannot be loaded.
    """
    load = await client.load(ModelKind.ASR)
    if not load.fresh:
        logger.info(log_lines.asr_reused(load.id))
    return _HostASR(client, load.id, load.name, load.sample_rate_hz)


async def get_shared_tts(client: ModelHostClient) -> SharedTTS:
    """Give a handle on the host's text-to-speech engine; the first call has it loaded and waits for that.

    Logs that the engine is reused when it was there already; the host logs that it loads it.
    Raises ModelHostError when the engine cannot be loaded.
    """
    load = await client.load(ModelKind.TTS)
    if not load.fresh:
        logger.info(log_lines.tts_reused(load.id))
    return _HostTTS(client, load.id, load.name, load.sample_rate_hz)


@dataclass(frozen=True, slots=True)
class _HostASR:
    client: ModelHostClient
    id: int
    name: str
    sample_rate_hz: int

    async def transcribe(self, pcm: bytes, language: str | None) -> Transcript:
        return await self.client.transcribe(pcm, self.sample_rate_hz, language)


@dataclass(frozen=True, slots=True)
class _HostTTS:
    client: ModelHostClient
    id: int
    name: str
    sample_rate_hz: int

    def speak(self, text: str, speed: float | None) -> AsyncGenerator[bytes, None]:
        return self.client.speak(text, self.sample_rate_hz, speed)
