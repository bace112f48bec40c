"""The model host's own figures, in Prometheus' text format."""

from collections.abc import Callable
from functools import partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from voicegate_agent.model_host.batching import Lane
from voicegate_agent.model_host.protocol import Transcript

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class HostMetrics:
    """Counters and histograms of one host, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "voicegate_requests", "Requests answered", ["route", "status"], registry=self._registry
        )
        self.loads = Counter("voicegate_model_loads", "Models loaded", ["model"], registry=self._registry)
        self.asr_audio_s = Counter("voicegate_asr_audio_seconds", "Audio heard", registry=self._registry)
        self.asr_fallbacks = Counter(
            "voicegate_asr_fallbacks",
            "Hearings again, each in a wider context or in the full 30 s",
            registry=self._registry,
        )
        self.asr_refused = Counter(
            "voicegate_asr_refused",
            "Requests refused because they would have waited too long",
            ["lane"],
            registry=self._registry,
        )
        self._asr_waiting = Gauge(
            "voicegate_asr_waiting", "Utterances that wait for a batch", ["lane"], registry=self._registry
        )
        self._recent_wait_s = Gauge(
            "voicegate_asr_recent_wait_seconds",
            "Median wait of the turns of the last seconds",
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self.asr_waited_s = self._histogram(
            "voicegate_asr_wait_seconds", "Time an utterance queued, for all its hearings"
        )
        self.asr_compute_s = self._histogram("voicegate_asr_compute_seconds", "Time its batches ran")
        self.asr_batch_size = Histogram(
            "voicegate_asr_batch_size",
            "Utterances in a batch",
            buckets=(1, 2, 4, 8, 16),
            registry=self._registry,
        )
        self.tts_audio_s = Counter("voicegate_tts_audio_seconds", "Audio spoken", registry=self._registry)
        self.tts_first_audio_s = self._histogram(
            "voicegate_tts_first_audio_seconds", "Time to the first audio"
        )

    def watch_queue(self, waiting: Callable[[Lane], int], recent_wait_s: Callable[[], float]) -> None:
        """Show how many utterances wait in each lane, and how long turns waited lately, whenever somebody looks."""
        self._recent_wait_s.set_function(recent_wait_s)
        for lane in Lane:
            self._asr_waiting.labels(lane.name.lower()).set_function(partial(waiting, lane))

    def observe_transcript(self, transcript: Transcript) -> None:
        """Count an utterance that was transcribed."""
        self.asr_audio_s.inc(transcript.duration_s)
        self.asr_waited_s.observe(transcript.waited_s)
        self.asr_compute_s.observe(transcript.compute_s)
        self.asr_batch_size.observe(transcript.batch_size)

    def render(self) -> bytes:
        """Give all figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=_SECONDS, registry=self._registry)
