"""Speech to text: the agent's recognizer, which fits the context and batches, beside faster-whisper as it ships."""

import asyncio
import itertools

import numpy as np
import pytest
from benchmarks.speech import Utterance, WordErrors
from faster_whisper import WhisperModel
from side_by_side.turns import SideBySide
from voicegate_agent.model_host import fitting, recognition
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.protocol import Transcript
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.models.files import ModelFiles

pytestmark = pytest.mark.benchmark(group="speech to text")

FFT_SAMPLES = 400


@pytest.mark.parametrize("together", [1, 4, 8], ids=["alone", "4 together", "8 together"])
def bench_utterances(
    side_by_side: SideBySide,
    together: int,
    whisper: WhisperModel,
    recognizer: TranscriptionQueue,
    runner: asyncio.Runner,
    utterances: list[Utterance],
    files: ModelFiles,
) -> None:
    """Transcribe what waits together; beside it one after the other, each in 30 s of padding."""
    waiting = utterances[:together]
    one_by_one = itertools.cycle(waiting)
    errors, errors_as_shipped = WordErrors(), WordErrors()

    async def transcribe_all() -> list[Transcript]:
        return await asyncio.gather(*(recognizer.transcribe(one.samples, "en") for one in waiting))

    def ours() -> float:
        transcripts = runner.run(transcribe_all())
        for utterance, transcript in zip(waiting, transcripts, strict=True):
            errors.count(utterance, transcript.text)
        return together

    def shipped() -> float:
        utterance = next(one_by_one)
        segments, _ = whisper.transcribe(utterance.samples, language="en")
        errors_as_shipped.count(utterance, "".join(segment.text for segment in segments).strip())
        return 1

    side_by_side(
        ours,
        shipped,
        unit="utterance",
        beside_is="faster-whisper as shipped",
        conditions={"model": files.asr_name},
        wrong_words=lambda: (errors.rate, errors_as_shipped.rate),
    )


def bench_features(
    side_by_side: SideBySide, engine: WhisperEngine, utterances: list[Utterance], files: ModelFiles
) -> None:
    """Extract an utterance's features; beside it the bare Fourier transforms of as many frames."""
    utterance = recognition.Utterance(utterances[0].samples)
    frames = len(utterance.samples) // fitting.SAMPLES_PER_FRAME
    windows = np.random.default_rng(0).standard_normal((frames, FFT_SAMPLES), dtype=np.float32)

    def ours() -> float:
        assert engine._features([utterance]).shape[-1] == utterance.frames
        return 1

    def bare() -> float:
        assert len(np.fft.rfft(windows)) == frames
        return 1

    side_by_side(
        ours,
        bare,
        unit="utterance",
        beside_is="the Fourier transforms alone",
        conditions={"model": files.asr_name},
    )
