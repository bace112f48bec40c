"""The queue in front of the speech-to-text engine: batches, fallback, bounds."""

from collections.abc import Sequence
from dataclasses import replace

from voicegate_agent.model_host.asr_engine import AsrEngine
from voicegate_agent.model_host.batching import Answer, BatchQueue, similar_sizes
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import TRAINED_SHORT, Fitting, fitted_frames
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import HostOverloadedError, Transcript
from voicegate_agent.model_host.recognition import Recognition, Utterance

MAX_WAITING = 64


class Recognizer:
    """Transcribes utterances of many calls with one engine, several at a time; for one event loop."""

    def __init__(
        self,
        engine: AsrEngine,
        metrics: HostMetrics,
        *,
        max_batch: int = 8,
        fitting: Fitting | None = TRAINED_SHORT,
    ) -> None:
        """Take a loaded engine, and the contexts in which its model hears well; None for 30 s only."""
        self._engine = engine
        self._metrics = metrics
        self._max_batch = max_batch
        self._fitting = fitting
        self._queue: BatchQueue[Utterance, Recognition] = BatchQueue(
            engine.recognize, self._choose, max_waiting=MAX_WAITING
        )

    @property
    def name(self) -> str:
        """What the log and the API call the model."""
        return self._engine.name

    async def transcribe(self, samples: Samples, language: str | None) -> Transcript:
        """Transcribe mono float samples at 16 kHz; what looks wrong is heard again in wider contexts, 30 s at last.

        Raises HostOverloadedError when too many requests wait.
        """
        utterance = Utterance(samples, language, self._first_context(len(samples)))
        if utterance.silent:
            return Transcript("", language or "en", utterance.duration_s, no_speech_prob=1.0)
        answer = await self._queue.submit(utterance)
        while (wider := self._heard_again(utterance, answer.result)) is not None:
            self._metrics.asr_fallbacks.inc()
            utterance = wider
            try:
                answer = (await self._queue.submit(utterance)).after(answer)
            except HostOverloadedError:
                break  # what was heard counts
        transcript = _transcript(utterance, answer)
        self._metrics.observe_transcript(transcript)
        return transcript

    def _first_context(self, samples: int) -> int | None:
        if self._fitting is None or fitted_frames(samples, 0) > self._fitting.longest:
            return None
        return self._fitting.contexts[0]

    def _heard_again(self, utterance: Utterance, found: Recognition) -> Utterance | None:
        """Give the utterance with more around it, if that is worth it; those who wait are heard before it.

        The full 30 s are for loops and for what is unfinished, not for a phrase that comes twice. For what is only improbable they are not while
        others wait: they take ten times as long, and speech looks wrong most of all when a busy machine has torn it.
        """
        fitting = self._fitting
        if fitting is None or not utterance.fit:
            return None
        if found.unfinished and not found.nobody_spoke:
            return replace(utterance, least_frames=None)
        context = fitting.wider(utterance.frames)
        wrong = found.looks_wrong(fitting.improbable)
        if context is None:
            worth = wrong and (found.loops or (fitting.full_at_last and self._queue.idle))
        else:
            worth = wrong or found.repeats
        return replace(utterance, least_frames=context) if worth else None

    def close(self) -> None:
        """Start no further batch."""
        self._queue.close()

    def _choose(self, waiting: Sequence[Utterance]) -> Sequence[int]:
        if not waiting[0].fit:
            return [0]
        fitting = [index for index, utterance in enumerate(waiting) if utterance.fit]
        sizes = [waiting[index].frames for index in fitting]
        chosen = similar_sizes(sizes, most=self._max_batch, most_total=self._engine.batch_frames)
        return [fitting[index] for index in chosen]


def _transcript(utterance: Utterance, answer: Answer[Recognition]) -> Transcript:
    found = answer.result
    return Transcript(
        text=found.spoken_text,
        language=found.language,
        duration_s=utterance.duration_s,
        avg_logprob=found.avg_logprob,
        no_speech_prob=found.no_speech_prob,
        compression_ratio=found.compression_ratio,
        fitted=found.fitted,
        waited_s=answer.waited_s,
        compute_s=answer.compute_s,
        batch_size=answer.batch_size,
    )
