"""Speech to text for a call: LiveKit's `stt.STT` over the shared model, with the one voice activity detector of the call."""

import logging
from dataclasses import dataclass
from typing import Never

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, stt, utils
from livekit.agents.language import LanguageCode
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer, is_given

from voicegate_agent import log_lines
from voicegate_agent.speech.api_errors import as_api_errors
from voicegate_agent.speech.finish import Finish, finish_of
from voicegate_agent.speech.listening import Listening
from voicegate_agent.speech.nearness import Nearness
from voicegate_agent.speech.shared_models import SharedASR
from voicegate_agent.speech.speech_marks import SpeechMarks

logger = logging.getLogger("voicegate_agent.speech")


@dataclass(frozen=True, slots=True)
class LocalSTTConfig:
    """What a call listens for; `language` None lets the host decide.

    The waits are how long a caller must be silent until the turn is over: after what is finished, may be finished, and is not. Who is so much softer than
    the caller, `background_below_db`, is somebody else.
    """

    language: str | None = None
    finished_wait_s: float = 0.13
    unsure_wait_s: float = 0.6
    unfinished_wait_s: float = 1.5
    code_digits: int = 4
    background_below_db: float = 15.0

    def wait_s(self, text: str) -> float:
        """Say how long a silence ends a turn with these words; without words, they may come yet."""
        match finish_of(text, self.code_digits):
            case Finish.FINISHED:
                return self.finished_wait_s
            case Finish.UNSURE:
                return self.unsure_wait_s
            case Finish.UNFINISHED:
                return self.unfinished_wait_s


class LocalSTT(stt.STT[Never]):
    """Listens to a call, cuts out the caller's turns and has them transcribed; `marks` is the session's voice activity detector.

    What is said over a reply may only show that somebody listens, so it wants to be told when the agent speaks.
    """

    def __init__(self, config: LocalSTTConfig, *, asr_instance: SharedASR) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        logger.info(log_lines.USING_LOCAL_STT)
        self.config = config
        self.marks = SpeechMarks()
        self._nearness = Nearness(config.background_below_db)
        self._agent_speaks = False
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

    def note_agent(self, *, speaks: bool) -> None:
        """Note that the agent speaks, or has ended."""
        self._agent_speaks = speaks

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        """Listen to frames of mono sound; what is heard comes as LiveKit's events, and to `marks`."""
        return Listening(
            self,
            self.marks,
            self._nearness,
            self.config.wait_s,
            lambda: self._agent_speaks,
            language,
            conn_options,
        )

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,  # noqa: ARG002 - the host's client has its own timeouts
    ) -> stt.SpeechEvent:
        wanted = language if is_given(language) else self.config.language
        pcm = mono_pcm(utils.merge_frames(buffer), self._asr.sample_rate_hz) if buffer else b""
        with as_api_errors():
            transcript = await self._asr.transcribe(pcm, wanted)
        data = stt.SpeechData(
            language=LanguageCode(transcript.language),
            text=transcript.text,
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
