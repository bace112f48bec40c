"""The mistake the gate was made for: the shared globals live in the call's process, so that every call loads its own."""

from collections.abc import AsyncGenerator

import numpy as np
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.log_lines import asr_reused, tts_reused
from voicegate_agent.model_host import shared_instances
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, Transcript
from voicegate_agent.model_host.shared_instances import SharedInstance
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.models.profiles import locate
from voicegate_agent.settings import load_settings
from voicegate_agent.speech.shared_models import SharedASR, SharedTTS


class OwnASR:
    """A handle on the speech-to-text model of this process."""

    def __init__(self, instance: SharedInstance[TranscriptionQueue]) -> None:
        self.id = instance.id
        self.name = instance.model.name
        self.sample_rate_hz = ASR_SAMPLE_RATE_HZ
        self._model = instance.model

    async def transcribe(self, pcm: bytes, language: str | None) -> Transcript:
        """Transcribe in this process."""
        samples = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
        return await self._model.transcribe(samples, language or "en")


class OwnTTS:
    """A handle on the text-to-speech engine of this process."""

    def __init__(self, instance: SharedInstance[SpeechStreams]) -> None:
        self.id = instance.id
        self.name = instance.model.name
        self.sample_rate_hz = instance.model.sample_rate_hz
        self._model = instance.model

    async def speak(self, text: str, speed: float | None) -> AsyncGenerator[bytes, None]:
        """Speak in this process."""
        async for piece in self._model.speak(text, speed or 1.0):
            yield piece


async def get_own_asr(_: ModelHostClient) -> SharedASR:
    """Do what the host does, in the wrong process."""
    files = locate(load_settings())
    instance, fresh = shared_instances.get_shared_asr_model(
        lambda: TranscriptionQueue(
            WhisperEngine.load(files.asr_dir, files.asr_name, HostSettings(cpu_threads=1)), HostMetrics()
        )
    )
    if not fresh:
        call._log.info(asr_reused(instance.id))
    return OwnASR(instance)


async def get_own_tts(_: ModelHostClient) -> SharedTTS:
    """Do what the host does, in the wrong process."""
    files = locate(load_settings())
    instance, fresh = shared_instances.get_shared_tts_engine(
        lambda: SpeechStreams(PiperEngine.load(files.voice))
    )
    if not fresh:
        call._log.info(tts_reused(instance.id))
    return OwnTTS(instance)


def break_it() -> None:
    """Have this process use models of its own."""
    call.get_shared_asr, call.get_shared_tts = get_own_asr, get_own_tts


if __name__ == "__main__":
    start_with_broken_calls(break_it)
