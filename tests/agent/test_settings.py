"""Settings come from the environment once, and complain by variable."""

import os

import pytest
from pydantic import SecretStr, ValidationError
from voicegate_agent.settings import (
    AgentSettings,
    Isolation,
    Profile,
    SettingsError,
    load_settings,
    settings_table,
    variable,
)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment that sets nothing."""
    for name in os.environ:
        if name.startswith(("VOICEGATE_", "LIVEKIT_")):
            monkeypatch.delenv(name)


def test_defaults_are_usable_on_any_machine() -> None:
    """Without any variable the agent runs the packaged models, each call in a process."""
    settings = AgentSettings()
    assert (settings.profile, settings.isolation) == (Profile.MICRO, Isolation.PROCESS)
    assert settings.model_host is None


def test_variables_set_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field is set by its name in capitals behind the prefix, LiveKit's by LiveKit's names."""
    monkeypatch.setenv("VOICEGATE_CAPACITY", "7")
    monkeypatch.setenv("LIVEKIT_URL", "ws://example:7880")
    settings = load_settings()
    assert settings.capacity == 7
    assert settings.livekit_url == "ws://example:7880"


def test_empty_variable_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that a shell script left empty does not count."""
    monkeypatch.setenv("VOICEGATE_CAPACITY", "")
    assert load_settings().capacity == AgentSettings().capacity


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOICEGATE_PROFILE", "tiny"),
        ("VOICEGATE_ISOLATION", "none"),
        ("VOICEGATE_CAPACITY", "0"),
        ("VOICEGATE_MODEL_HOST", "localhost"),
        ("VOICEGATE_MONITOR_INTERVAL_S", "soon"),
    ],
)
def test_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message gives the variable, what it was and what was expected."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert f"{name} is {value!r}: " in str(error.value)


def test_every_bad_variable_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes are two lines, not two attempts."""
    monkeypatch.setenv("VOICEGATE_CAPACITY", "x")
    monkeypatch.setenv("VOICEGATE_PROFILE", "x")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert len(str(error.value).splitlines()) == 2


def test_thresholds_must_be_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A high threshold below the warning threshold is refused by name."""
    monkeypatch.setenv("VOICEGATE_MONITOR_HIGH_BYTES", "1")
    with pytest.raises(SettingsError, match="VOICEGATE_MONITOR_HIGH_BYTES must be at least"):
        load_settings()


def test_chat_endpoint_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint without a model to ask for is refused."""
    monkeypatch.setenv("VOICEGATE_REPLIES_URL", "http://127.0.0.1:8000/v1")
    with pytest.raises(SettingsError, match="VOICEGATE_REPLIES_MODEL"):
        load_settings()


def test_a_model_host_elsewhere_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """One address for all calls and a host for each call exclude each other."""
    monkeypatch.setenv("VOICEGATE_MODEL_HOST", "http://127.0.0.1:8080")
    monkeypatch.setenv("VOICEGATE_SHARE_MODELS", "false")
    with pytest.raises(SettingsError, match=r"VOICEGATE_SHARE_MODELS=false .* unset VOICEGATE_MODEL_HOST"):
        load_settings()


def test_settings_cannot_be_changed() -> None:
    """Whoever holds the settings holds the same ones until the end."""
    with pytest.raises(ValidationError):
        AgentSettings().capacity = 3


def test_secrets_are_not_shown() -> None:
    """Neither a log of the settings nor the table of `--help` shows a key."""
    assert "hush" not in repr(AgentSettings(replies_api_key=SecretStr("hush")))


def test_table_lists_every_field_with_its_variable() -> None:
    """What `--help` shows cannot fall behind the class."""
    names = [name for name, _, _ in settings_table()]
    assert names == [variable(field) for field in AgentSettings.model_fields]
    assert all(description for _, _, description in settings_table())
