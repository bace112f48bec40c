"""The queue in front of the speech-to-text engine: lanes, batches, fallback, bounds."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from voicegate_agent.model_host.asr_engine import AsrEngine
from voicegate_agent.model_host.batching import BatchedResult, BatchQueue, Lane, similar_sizes
from voicegate_agent.model_host.cutting import cut_where_quiet
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import (
    FULL_FRAMES,
    MARGIN_FRAMES,
    SAMPLES_PER_FRAME,
    TRAINED_SHORT,
    Fitting,
    fitted_frames,
)
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, HostOverloadedError, Transcript, joined
from voicegate_agent.model_host.quarantine import Quarantine
from voicegate_agent.model_host.recent_waits import RecentWaits
from voicegate_agent.model_host.recognition import Recognition, Utterance

LONGEST_TURN_S = 30
"""What is longer is an upload, heard in units that everybody else goes before."""

FITTED_UNIT_FRAMES = 1500
"""A unit of an upload, where the model hears fitted: who comes meanwhile waits for half of what 30 s would take."""

SOON_S = 3.0
"""How soon a batch of turns ends on a machine that is fast enough for calls."""

PROBE = np.zeros(ASR_SAMPLE_RATE_HZ, np.float32)


class TranscriptionQueue:
    """Transcribes utterances of many calls with one engine, several at a time; for one event loop."""

    def __init__(
        self,
        engine: AsrEngine,
        metrics: HostMetrics,
        *,
        max_batch: int = 8,
        fitting: Fitting | None = TRAINED_SHORT,
        quarantine: Quarantine | None = None,
        waits_window_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a loaded engine, and the contexts in which its model hears well; None for 30 s only."""
        self._engine = engine
        self._metrics = metrics
        self._max_batch = max_batch
        self._fitting = fitting
        self._quarantine = quarantine or Quarantine()
        self._queue: BatchQueue[Utterance, Recognition] = BatchQueue(
            self._recognize, self._choose, size=lambda utterance: utterance.frames, clock=clock
        )
        self._promised_frames = 0
        self.turn_waits = RecentWaits(waits_window_s, clock)
        metrics.watch_queue(self._queue.waiting, lambda: self.turn_waits.typical_s)

    @property
    def name(self) -> str:
        """What the log and the API call the model."""
        return self._engine.name

    @property
    def busy_s(self) -> float:
        """How long the worker has been at its present batch; 0 when it has none."""
        return self._queue.busy_s

    async def transcribe(self, samples: Samples, language: str | None) -> Transcript:
        """Transcribe mono float samples at 16 kHz; what looks wrong is heard again in wider contexts, 30 s at last.

        More than 30 s are an upload: heard in units, while nobody else waits. Raises HostOverloadedError when it would
        wait too long, InvalidRequestError for what a host died of.
        """
        if len(samples) <= LONGEST_TURN_S * ASR_SAMPLE_RATE_HZ:
            with self._counting_refusals(Lane.TURN):
                self._queue.admit(Lane.TURN)
            transcript = await self._transcribe(samples, language, Lane.TURN)
            if transcript.batch_size:  # else nothing was computed
                self.turn_waits.note(transcript.waited_s)
            return transcript
        return await self._transcribe_upload(samples, language)

    async def prove_alive(self, recent_s: float) -> None:
        """Return when the worker has heard a second of silence, or at once when there is no reason to doubt it.

        There is one when it has been at a batch for `SOON_S`, or has heard nothing for `recent_s`. The silence is heard
        in the shortest context even where the model hears speech in 30 s, which would keep a core busy for nothing.
        """
        busy_s = self._queue.busy_s
        if (busy_s > min(SOON_S, recent_s)) if busy_s else (self._queue.since_worked_s > recent_s):
            await self._queue.submit(Utterance(PROBE, "en", TRAINED_SHORT.contexts[0]), Lane.PROBE)

    async def _transcribe_upload(self, samples: Samples, language: str | None) -> Transcript:
        """Hear one unit after the other; what is left of it counts for whoever wants to upload meanwhile."""
        with self._counting_refusals(Lane.UPLOAD):
            self._queue.admit(Lane.UPLOAD, self._promised_frames)
            left = len(samples) // SAMPLES_PER_FRAME
            self._promised_frames += left
            heard: list[Transcript] = []
            try:
                language = language or await self._language_of(samples)
                for unit in cut_where_quiet(samples, self._unit_samples()):
                    frames = len(unit) // SAMPLES_PER_FRAME
                    left -= frames
                    self._promised_frames -= frames
                    heard.append(await self._transcribe(unit, language, Lane.UPLOAD))
            finally:
                self._promised_frames -= left
        return joined(heard)

    async def _language_of(self, samples: Samples) -> str | None:
        """Have the model find out once for all units what is spoken; None where nothing is."""
        utterance = Utterance(samples, None, None, only_language=True)
        if utterance.silent:
            return None
        self._quarantine.check(samples)
        return (await self._queue.submit(utterance, Lane.UPLOAD)).result.language

    async def _transcribe(self, samples: Samples, language: str | None, lane: Lane) -> Transcript:
        self._quarantine.check(samples)
        utterance = Utterance(samples, language, self._first_context(len(samples)))
        if utterance.silent:
            return Transcript("", language or "en", utterance.duration_s, no_speech_prob=1.0)
        answer = await self._queue.submit(utterance, lane)
        while (wider := self._heard_again(utterance, answer.result)) is not None:
            self._metrics.asr_fallbacks.inc()
            again = max(lane, Lane.AGAIN)
            try:
                self._queue.admit(again)
            except HostOverloadedError:
                break  # what was heard counts
            utterance = wider
            answer = (await self._queue.submit(utterance, again)).after(answer)
        transcript = _transcript(utterance, answer)
        self._metrics.observe_transcript(transcript)
        return transcript

    @contextmanager
    def _counting_refusals(self, lane: Lane) -> Iterator[None]:
        try:
            yield
        except HostOverloadedError:
            if lane is Lane.TURN:
                self.turn_waits.note(self._queue.expected_wait_s(lane))
            self._metrics.asr_refused.labels(lane.name.lower()).inc()
            raise

    def _unit_samples(self) -> int:
        longest = (
            min(self._fitting.longest, FITTED_UNIT_FRAMES) if self._fitting else FULL_FRAMES + MARGIN_FRAMES
        )
        return (longest - MARGIN_FRAMES) * SAMPLES_PER_FRAME

    def _recognize(self, utterances: Sequence[Utterance]) -> Sequence[Recognition]:
        with self._quarantine.watching(utterance.samples for utterance in utterances):
            return self._engine.recognize(utterances)

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
        if self._goes_alone(waiting[0]):
            return [0]
        fitting = [index for index, utterance in enumerate(waiting) if not self._goes_alone(utterance)]
        sizes = [waiting[index].frames for index in fitting]
        chosen = similar_sizes(sizes, max_items=self._max_batch, max_total_frames=self._engine.batch_frames)
        return [fitting[index] for index in chosen]

    def _goes_alone(self, utterance: Utterance) -> bool:
        return not utterance.fit or self._quarantine.is_suspected(utterance.samples)


def _transcript(utterance: Utterance, answer: BatchedResult[Recognition]) -> Transcript:
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
