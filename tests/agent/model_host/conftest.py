"""The project's own small models, and a shared instance that no other test has touched."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from voicegate_agent.host_settings import HostSettings, Profile
from voicegate_agent.model_host import shared_instances
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.models.profiles import locate
from voicegate_agent.settings import AgentSettings


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start every test with no shared instance, and put back what was there."""
    monkeypatch.setattr(shared_instances, "_SHARED_ASR_MODEL", None)
    monkeypatch.setattr(shared_instances, "_SHARED_TTS_ENGINE", None)


@pytest.fixture(scope="session")
def host_config() -> HostConfig:
    """Give the configuration of a host with the packaged models."""
    settings = AgentSettings(profile=Profile.MICRO, model_host=None, asr_model=None, tts_voice=None)
    return HostConfig.from_settings(settings, locate(settings))


@pytest.fixture(scope="session")
def whisper(host_config: HostConfig) -> WhisperEngine:
    """Load the packaged speech-to-text model."""
    return WhisperEngine.load(
        host_config.files.asr_dir, host_config.files.asr_name, HostSettings(cpu_threads=1)
    )


@pytest.fixture(scope="session")
def piper(host_config: HostConfig) -> PiperEngine:
    """Load the packaged voice."""
    return PiperEngine.load(host_config.files.voice)


@pytest.fixture(scope="session")
def spoken(piper: PiperEngine) -> Callable[[str], Samples]:
    """Give a function from a text to what the packaged voice says, as samples at 16 kHz."""

    @cache
    def speak(text: str) -> Samples:
        pcm = b"".join(piper.synthesize(text, 1.0))
        return np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)

    assert piper.sample_rate_hz == 16_000
    return speak
