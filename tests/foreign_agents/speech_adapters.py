"""What the foreign agents have in common: faster-whisper, Piper and a rule where LiveKit expects speech and a language model.

Plain use of the libraries, as a first agent has it; nothing here is this project's.
"""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
    llm,
    stt,
    tts,
    utils,
)
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HEARING_RATE_HZ = 16_000
PAUSE_S, SHORTEST_S = 0.6, 2.4


def load_whisper() -> WhisperModel:
    """Load the model folder that ASR_MODEL names."""
    return WhisperModel(os.environ["ASR_MODEL"], device="cpu", compute_type="int8", cpu_threads=2)


def load_piper() -> PiperVoice:
    """Load the voice that TTS_VOICE names."""
    return PiperVoice.load(Path(os.environ["TTS_VOICE"]))


class WhisperSTT(stt.STT[Any]):
    """Transcribes whole utterances."""

    def __init__(self, model: WhisperModel) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._whisper = model

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.SpeechEvent:
        text = await asyncio.to_thread(self._transcribe, utils.merge_frames(buffer))
        data = stt.SpeechData(text=text, language="en")  # type: ignore[arg-type]
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])

    def _transcribe(self, frame: rtc.AudioFrame) -> str:
        resampler = rtc.AudioResampler(frame.sample_rate, HEARING_RATE_HZ, num_channels=frame.num_channels)
        pcm = b"".join(bytes(piece.data) for piece in [*resampler.push(frame), *resampler.flush()])
        samples = np.frombuffer(pcm, np.int16).reshape(-1, frame.num_channels).mean(axis=1)
        return self._decode((samples / 32768).astype(np.float32))

    def _decode(self, samples: NDArray[np.float32]) -> str:
        """Encode the utterance and a pause instead of half a minute, which takes nine seconds on two processors."""
        tokenizer = Tokenizer(
            self._whisper.hf_tokenizer, multilingual=False, task="transcribe", language="en"
        )
        pause = max(PAUSE_S * HEARING_RATE_HZ, SHORTEST_S * HEARING_RATE_HZ - len(samples))
        features = self._whisper.feature_extractor(np.pad(samples, (0, round(pause))))[:, :-1]
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        (result,) = self._whisper.model.generate(
            self._whisper.encode(features), [prompt], beam_size=1, max_length=60, suppress_tokens=[-1]
        )
        return str(tokenizer.decode(result.sequences_ids[0])).strip()


class PiperTTS(tts.TTS[Any]):
    """Speaks whole sentences."""

    def __init__(self, voice: PiperVoice) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=voice.config.sample_rate,
            num_channels=1,
        )
        self.voice = voice

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak."""
        return _Speech(tts=self, input_text=text, conn_options=conn_options)


class _Speech(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, PiperTTS)
        output_emitter.initialize(
            request_id="piper", sample_rate=self._tts.sample_rate, num_channels=1, mime_type="audio/pcm"
        )
        options = SynthesisConfig(volume=0.8)
        chunks = await asyncio.to_thread(lambda: list(self._tts.voice.synthesize(self._input_text, options)))  # type: ignore[attr-defined]
        for chunk in chunks:
            output_emitter.push(chunk.audio_int16_bytes)
        output_emitter.flush()


class CodeDesk(llm.LLM[Any]):
    """Repeats the code that the caller spelled."""

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """Answer the last thing that was said."""
        return _Answer(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Answer(llm.LLMStream):
    async def _run(self) -> None:
        said = [
            item for item in self._chat_ctx.items if isinstance(item, llm.ChatMessage) and item.role == "user"
        ]
        reply = answer((said[-1].text_content or "") if said else "")
        self._event_ch.send_nowait(
            llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content=reply))
        )


def answer(text: str) -> str:
    """Say the digits of a text again, if there are any."""
    spelled = re.sub(r"\d", lambda digit: f" {WORDS[int(digit.group())]} ", text.lower())
    digits = [word for word in re.findall(r"[a-z]+", spelled) if word in WORDS]
    return f"Your code is {' '.join(digits)}." if digits else "Can you repeat that please?"
