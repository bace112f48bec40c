"""Settings of one call, from the job's metadata."""

import json

import pytest
from voicegate_agent.call_settings import settings_of_call
from voicegate_agent.settings import AgentSettings


@pytest.fixture
def settings(clean_environment: None) -> AgentSettings:
    """Have the agent's own."""
    return AgentSettings(model_host="http://127.0.0.1:9", speaker="alan", prompt="You sell tea.")


def test_metadata_say_how_this_call_is(settings: AgentSettings) -> None:
    """Language, voice, prompt and greeting, and nothing else."""
    wishes = {"language": "de-DE", "voice": "thorsten", "greeting": "Guten Tag.", "capacity": "1", "app": 7}
    ours = settings_of_call(settings, json.dumps(wishes))
    assert (ours.language, ours.speaker, ours.prompt) == ("de", "thorsten", "You sell tea.")
    assert (ours.greeting, ours.capacity) == ("Guten Tag.", settings.capacity)


@pytest.mark.parametrize("metadata", ["", "{}", "order 7", "[1]", '"de"'])
def test_metadata_of_the_application_change_nothing(settings: AgentSettings, metadata: str) -> None:
    """It need not be for the agent."""
    assert settings_of_call(settings, metadata) == settings


@pytest.mark.parametrize(("wish", "told"), [({"language": "xx"}, "xx"), ({"prompt": 7}, "prompt=7")])
def test_what_cannot_be_used_is_told_and_left_out(
    settings: AgentSettings, caplog: pytest.LogCaptureFixture, wish: dict[str, object], told: str
) -> None:
    """The caller is served."""
    assert settings_of_call(settings, json.dumps(wish)) == settings
    assert told in caplog.text


def test_the_agents_own_host_has_one_voice(clean_environment: None, caplog: pytest.LogCaptureFixture) -> None:
    """Another one would be refused sentence by sentence."""
    assert settings_of_call(AgentSettings(), '{"voice": "alan"}').speaker is None
    assert "one voice" in caplog.text
