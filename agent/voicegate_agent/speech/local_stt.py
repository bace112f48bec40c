"""Speech to text for a call: LiveKit's `stt.STT` over the shared model."""

import logging
from dataclasses import dataclass
from typing import Never

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, stt, utils
from livekit.agents.language import LanguageCode
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer, is_given

from voicegate_agent import log_lines
from voicegate_agent.speech.api_errors import as_api_errors
from voicegate_agent.speech.shared import SharedASR

logger = logging.getLogger("voicegate_agent.speech")


@dataclass(frozen=True, slots=True)
class LocalSTTConfig:
    """What a call listens for; `language` None lets the host decide."""

    language: str | None = None


class LocalSTT(stt.STT[Never]):
    """Recognizes whole utterances; an AgentSession cuts them out with its VAD."""

    def __init__(self, config: LocalSTTConfig, *, asr_instance: SharedASR) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        logger.info(log_lines.USING_LOCAL_STT)
        self._config = config
        self._asr = asr_instance
        logger.info(log_lines.LOCAL_STT_READY)

    @property
    def model(self) -> str:
        """The shared model's name."""
        return self._asr.name

    @property
    def provider(self) -> str:
        """Who runs the model."""
        return "voicegate"

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,  # noqa: ARG002 - the host's client has its own timeouts
    ) -> stt.SpeechEvent:
        wanted = language if is_given(language) else self._config.language
        pcm = mono_pcm(utils.merge_frames(buffer), self._asr.sample_rate_hz) if buffer else b""
        with as_api_errors():
            transcript = await self._asr.transcribe(pcm, wanted)
        data = stt.SpeechData(
            language=LanguageCode(transcript.language),
            text=transcript.text,
            end_time=transcript.duration_s,
            confidence=float(np.exp(transcript.avg_logprob)) if transcript.text else 0.0,
        )
        return stt.SpeechEvent(
            type=stt.SpeechEventType.FINAL_TRANSCRIPT, request_id=utils.shortuuid(), alternatives=[data]
        )


def mono_pcm(frame: rtc.AudioFrame, sample_rate_hz: int) -> bytes:
    """Give a frame's samples as one channel at this rate, signed 16-bit."""
    if frame.num_channels != 1:
        samples = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
        mixed = samples.mean(axis=1).astype(np.int16)
        frame = rtc.AudioFrame(mixed.tobytes(), frame.sample_rate, 1, len(mixed))
    if frame.sample_rate == sample_rate_hz:
        return bytes(frame.data)
    resampler = rtc.AudioResampler(frame.sample_rate, sample_rate_hz)
    pieces = [*resampler.push(frame), *resampler.flush()]
    return b"".join(bytes(piece.data) for piece in pieces)
