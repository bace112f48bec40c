"""Speech engines and shared models that compute nothing and remember what they were asked."""

import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from voicegate_agent.model_host.protocol import ModelHostError, Transcript
from voicegate_agent.model_host.recognition import Recognition, Utterance

HEARD = Recognition("seven", "en", avg_logprob=-0.1, no_speech_prob=0.01, compression_ratio=0.5, fitted=True)


def noise(duration_s: float, seed: int = 0) -> np.ndarray:
    """Give quiet white noise at 16 kHz."""
    random = np.random.default_rng(seed)
    return (random.standard_normal(round(16_000 * duration_s)) * 0.01).astype(np.float32)


@dataclass
class FakeAsrEngine:
    """Answers every utterance as `hear` says, and keeps the batches it got; `gate` holds it up until it is set."""

    hear: Callable[[Utterance], Recognition] = lambda utterance: HEARD
    batches: list[Sequence[Utterance]] = field(default_factory=list)
    gate: threading.Event | None = None
    name: str = "fake-asr"
    batch_frames: int = 2_000

    def recognize(self, utterances: Sequence[Utterance]) -> list[Recognition]:
        """Answer a batch."""
        self.batches.append(utterances)
        if self.gate is not None:
            assert self.gate.wait(10)
        return [self.hear(utterance) for utterance in utterances]


@dataclass
class FakeTtsEngine:
    """Speaks two samples per word of a text, a piece per word, and counts the pieces that were taken."""

    name: str = "fake-tts"
    sample_rate_hz: int = 16_000
    made: int = 0
    speeds: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak."""
        self.speeds.append(speed)
        try:
            for _ in text.split():
                self.made += 1
                yield b"\x01\x00\x02\x00"
        finally:
            self.ended.set()


@dataclass
class FakeSharedASR:
    """A shared speech-to-text model that answers with one text, or fails."""

    text: str = "hello"
    error: ModelHostError | None = None
    heard: list[tuple[bytes, str | None]] = field(default_factory=list)
    id: int = 1
    name: str = "fake-asr"
    sample_rate_hz: int = 16_000

    async def transcribe(self, pcm: bytes, language: str | None) -> Transcript:
        """Answer."""
        self.heard.append((pcm, language))
        if self.error is not None:
            raise self.error
        return Transcript(self.text, avg_logprob=-0.5, duration_s=len(pcm) / 32_000)


@dataclass
class FakeSharedTTS:
    """A shared text-to-speech engine that speaks the pieces it was given, or fails."""

    pieces: Sequence[bytes] = (bytes(6400),)
    error: ModelHostError | None = None
    spoken: list[tuple[str, float | None]] = field(default_factory=list)
    id: int = 2
    name: str = "fake-tts"
    sample_rate_hz: int = 16_000

    async def speak(self, text: str, speed: float | None) -> AsyncGenerator[bytes, None]:
        """Speak."""
        self.spoken.append((text, speed))
        if self.error is not None:
            raise self.error
        for piece in self.pieces:
            yield piece
