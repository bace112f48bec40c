"""Text to speech for a call: LiveKit's `tts.TTS` over the shared engine."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Never

import numpy as np
from livekit.agents import APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from voicegate_agent import log_lines
from voicegate_agent.recordings import Recordings
from voicegate_agent.speech.api_errors import as_api_errors
from voicegate_agent.speech.shared_models import SharedTTS

logger = logging.getLogger("voicegate_agent.speech")

WORDLESS_PAUSE_S = 0.02
FRAME_SIZE_MS = 20
AUDIBLE = 100  # of 32,768
LEAD_S = 0.01


@dataclass(frozen=True, slots=True)
class LocalTTSConfig:
    """How a call speaks; `speed` 1 is the voice's own, None lets the host decide. What is recorded needs no model."""

    speed: float | None = None
    recordings: Recordings = field(default_factory=Recordings)


class LocalTTS(tts.TTS[Never]):
    """Speaks a text with audio from its first clause on; an AgentSession hands over whole sentences."""

    def __init__(self, config: LocalTTSConfig, *, tts_instance: SharedTTS) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=tts_instance.sample_rate_hz,
            num_channels=1,
        )
        logger.info(log_lines.USING_LOCAL_TTS)
        self._config = config
        self._tts = tts_instance
        logger.info(log_lines.LOCAL_TTS_READY)

    @property
    def model(self) -> str:
        """The shared voice's name."""
        return self._tts.name

    @property
    def provider(self) -> str:
        """Who runs the voice."""
        return "voicegate"

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a text; the stream's audio arrives as the engine makes it."""
        return _Speech(self, text, conn_options, self._tts, self._config)


class _Speech(tts.ChunkedStream):
    def __init__(
        self,
        owner: LocalTTS,
        text: str,
        conn_options: APIConnectOptions,
        engine: SharedTTS,
        config: LocalTTSConfig,
    ) -> None:
        super().__init__(tts=owner, input_text=text, conn_options=conn_options)
        self._engine = engine
        self._config = config

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        rate_hz = self._engine.sample_rate_hz
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=rate_hz,
            num_channels=1,
            mime_type="audio/pcm",
            frame_size_ms=FRAME_SIZE_MS,
        )
        silent = True
        with as_api_errors():
            async with aclosing(self._sound()) as audio:
                async for piece in audio:
                    output_emitter.push(without_lead(piece, rate_hz) if silent else piece)
                    silent = False
        if silent:  # LiveKit takes no audio at all for a failure and would try again
            output_emitter.push(bytes(2 * int(WORDLESS_PAUSE_S * rate_hz)))
        output_emitter.flush()

    def _sound(self) -> AsyncGenerator[bytes, None]:
        recorded = self._config.recordings.sounds.get(self.input_text.strip())
        if recorded is not None and self._config.recordings.rate_hz == self._engine.sample_rate_hz:
            return _piece(recorded)
        return self._engine.speak(self.input_text, self._config.speed)


async def _piece(pcm: bytes) -> AsyncGenerator[bytes, None]:
    yield pcm


def without_lead(pcm: bytes, rate_hz: int) -> bytes:
    """Take off what is inaudible before the first word, but for 10 ms: voices begin with 60 ms of it, and callers wait for them."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16)
    audible = np.flatnonzero(np.abs(samples) > AUDIBLE)
    lead = int(audible[0]) - int(LEAD_S * rate_hz) if len(audible) else 0
    return pcm[2 * max(0, lead) :]
