"""Settings come from the environment once, and complain by variable."""

import pytest
from pydantic import SecretStr, ValidationError
from voicegate_agent.host_settings import ComputeType, Device, FitContext, Profile
from voicegate_agent.settings import (
    AgentSettings,
    Isolation,
    SettingsError,
    load_settings,
    settings_table,
    variable,
)


@pytest.fixture(autouse=True)
def no_variables(clean_environment: None) -> None:
    """Start from an environment that sets nothing."""


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
        ("VOICEGATE_CAPACITY", "-1"),
        ("VOICEGATE_MODEL_HOST", "localhost"),
        ("VOICEGATE_MONITOR_INTERVAL_S", "soon"),
        ("VOICEGATE_COMPUTE_TYPE", "int4"),
        ("VOICEGATE_FIT_CONTEXT", "perhaps"),
        ("VOICEGATE_LANGUAGE", "xx"),
        ("VOICEGATE_SPEED", "9"),
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


@pytest.mark.parametrize(
    ("written", "meant"),
    [("on", FitContext.ON), ("true", FitContext.ON), ("0", FitContext.OFF), ("auto", FitContext.AUTO)],
)
def test_fitting_is_a_switch_with_a_middle(
    monkeypatch: pytest.MonkeyPatch, written: str, meant: FitContext
) -> None:
    """The words for on and off are those of any switch."""
    monkeypatch.setenv("VOICEGATE_FIT_CONTEXT", written)
    assert load_settings().fit_context is meant


@pytest.mark.parametrize(
    ("device", "wanted", "computed", "weight_bytes"),
    [
        (Device.CPU, ComputeType.AUTO, ComputeType.INT8, 1),
        (Device.CUDA, ComputeType.AUTO, ComputeType.INT8_FLOAT16, 1),
        (Device.CPU, ComputeType.FLOAT16, ComputeType.FLOAT16, 4),
        (Device.CUDA, ComputeType.FLOAT16, ComputeType.FLOAT16, 2),
        (Device.CPU, ComputeType.INT16, ComputeType.INT16, 2),
        (Device.CPU, ComputeType.FLOAT32, ComputeType.FLOAT32, 4),
    ],
)
def test_numbers_follow_the_device(
    device: Device, wanted: ComputeType, computed: ComputeType, weight_bytes: int
) -> None:
    """`auto` is int8 on a CPU whatever a file stores; what is asked for by name is what is used."""
    settings = AgentSettings(device=device, compute_type=wanted)
    assert (settings.computes_with, settings.bytes_per_weight) == (computed, weight_bytes)


@pytest.mark.parametrize("profile", [one for one in Profile if one is not Profile.PACKAGED])
def test_a_language_needs_models_that_hear_it(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> None:
    """English models are not asked for German; the message says which models are."""
    monkeypatch.setenv("VOICEGATE_PROFILE", profile)
    monkeypatch.setenv("VOICEGATE_LANGUAGE", "de")
    with pytest.raises(
        SettingsError, match=r"VOICEGATE_LANGUAGE is 'de'.*choose packaged.*VOICEGATE_ASR_MODEL"
    ):
        load_settings()
    monkeypatch.setenv("VOICEGATE_ASR_MODEL", "/models/own")
    assert load_settings().language == "de"


def test_a_language_is_kept_as_its_code() -> None:
    """However it is written, Whisper's code is what it comes to."""
    assert AgentSettings(profile=Profile.PACKAGED, language="de-DE").language == "de"


@pytest.mark.parametrize(
    "opened", [{"PAGE_HOST": "0.0.0.0"}, {"PAGE_ORIGIN": "https://voice.example.org"}, {"PAGE_HOST": "::"}]
)
def test_a_page_for_others_needs_a_key_and_an_origin(
    monkeypatch: pytest.MonkeyPatch, opened: dict[str, str]
) -> None:
    """By default and by any name of loopback only this machine reaches it; a key that can be guessed is none."""
    monkeypatch.setenv("VOICEGATE_PAGE_HOST", "::1")
    assert load_settings().page_is_local
    for name, value in opened.items():
        monkeypatch.setenv(f"VOICEGATE_{name}", value)
    with pytest.raises(SettingsError, match=r"lets other machines call: set VOICEGATE_PAGE_SECRET"):
        load_settings()
    monkeypatch.setenv("VOICEGATE_PAGE_SECRET", "too-short")
    with pytest.raises(SettingsError, match="at least 16"):
        load_settings()
    monkeypatch.setenv("VOICEGATE_PAGE_SECRET", "a-key-of-letters")
    monkeypatch.setenv("VOICEGATE_PAGE_ORIGIN", "https://voice.example.org")
    assert not load_settings().page_is_local


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


def test_a_misspelt_variable_is_named_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be ignored, and the agent would run with the default."""
    monkeypatch.setenv("VOICEGATE_CAPCITY", "5")
    with pytest.raises(SettingsError, match="VOICEGATE_CAPCITY is no setting: VOICEGATE_CAPACITY is one"):
        load_settings()


@pytest.mark.parametrize(
    "name", ["VOICEGATE_PORT", "VOICEGATE_SERVICE_HOST", "VOICEGATE_EVENTS", "CAPCITY", "voicegate_capacity"]
)
def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Kubernetes sets some for a service that is called voicegate, and case does not matter."""
    monkeypatch.setenv(name, "5")
    load_settings()
