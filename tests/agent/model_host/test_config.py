"""A configuration survives the command line of the host, and no option of it is lost."""

import os
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from voicegate_agent.host_settings import ComputeType, Device, FitContext, HostSettings, LogFormat, Profile
from voicegate_agent.languages import AUTO
from voicegate_agent.model_host.config import OPTIONS, HostConfig, add_arguments, read_config
from voicegate_agent.model_host.protocol import ModelKind
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelFilesError
from voicegate_agent.models.profiles import MICRO_NAME, locate
from voicegate_agent.settings import AgentSettings, SettingsError, option

FILES = ModelFiles("own", Path("/models/a b"), "owner/model", Path("/voices/-x.onnx"))

SET: dict[str, Any] = {
    "profile": Profile.PACKAGED,
    "cache_dir": Path("/cache/a b"),
    "language": "de",
    "device": Device.CUDA,
    "device_index": 1,
    "compute_type": ComputeType.FLOAT16,
    "cpu_threads": 3,
    "fit_context": FitContext.ON,
    "max_batch": 5,
    "speaker": "anna",
    "speed": 1.5,
    "load_at_start": True,
    "recent_waits_s": 10.0,
    "longest_load_s": 90.0,
    "metrics_host": "0.0.0.0",
    "metrics_port": 9100,
    "log_format": LogFormat.JSON,
    "memray_dir": Path("/captures/a b"),
    "memray_native": True,
}
"""Another value than the default for every setting but the models."""

SWITCHES = ("load_at_start", "memray_native")
"""Options without a value."""


def read(*arguments: str) -> HostConfig:
    """Read a command line the way the host does."""
    parser = ArgumentParser()
    add_arguments(parser)
    return read_config(parser.parse_args(arguments), lambda _: None)


@pytest.fixture(autouse=True)
def no_variables(clean_environment: None) -> None:
    """Start from an environment that sets nothing."""


@pytest.mark.parametrize("chosen", [{}, SET])
def test_the_arguments_give_the_configuration_back(chosen: dict[str, Any]) -> None:
    """Every field, whatever its value, arrives in the host."""
    config = HostConfig.from_settings(AgentSettings(**chosen), FILES)
    assert read(*config.to_arguments()) == config


def test_every_setting_of_the_host_is_tried() -> None:
    """A new setting belongs into the test above."""
    assert {*SET, "asr_model", "tts_voice"} == set(OPTIONS)


def test_every_setting_is_an_option() -> None:
    """What the help says of an option is what it says of the agent's variable."""
    parser = ArgumentParser()
    add_arguments(parser)
    text = " ".join(parser.format_help().split())
    for name in OPTIONS:
        field = HostSettings.model_fields[name]
        assert option(name) in text
        assert " ".join((field.description or "").split())[:40] in text


def test_only_a_shared_host_has_a_port_to_be_watched_on() -> None:
    """Of several hosts with one port each but the first would fail."""
    config = HostConfig.from_settings(AgentSettings(metrics_port=9100, speed=0.5), FILES).unwatched()
    assert (config.settings.metrics_port, config.settings.speed) == (0, 0.5)


def test_a_key_is_in_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on a machine can read those; the host takes its key from the environment."""
    config = HostConfig.from_settings(AgentSettings(model_host_api_key=SecretStr("hush")), FILES)
    assert not any("hush" in argument or "key" in argument for argument in config.to_arguments())
    monkeypatch.setenv("VOICEGATE_MODEL_HOST_API_KEY", "hush")
    assert read().settings.model_host_api_key == SecretStr("hush")


def test_the_host_keeps_what_is_its_own() -> None:
    """What the settings say about the models is what the host is told, and nothing about calls or keys."""
    settings = AgentSettings(cpu_threads=2, memray_dir=Path("/c"), capacity=3)
    config = HostConfig.from_settings(settings, FILES)
    assert config.files == FILES
    assert (config.settings.cpu_threads, config.settings.memray_dir) == (2, Path("/c"))
    assert type(config.settings) is HostSettings


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (("--load-at-start",), "load_at_start", True),
        (("--log-format=json",), "log_format", LogFormat.JSON),
        (("--cpu-threads", "1"), "cpu_threads", 1),
        (("--fit-context", "off"), "fit_context", FitContext.OFF),
        (("--speed=2",), "speed", 2.0),
        (("--compute-type=float32",), "compute_type", ComputeType.FLOAT32),
        (("--asr-name=other",), None, "other"),
        (("--language=auto",), "language", AUTO),
        (("--profile=micro",), "profile", Profile.MICRO),
    ],
)
def test_no_option_is_dropped(arguments: tuple[str, ...], field: str | None, value: object) -> None:
    """Each counts by itself; the models are then the profile's."""
    config = read(*arguments)
    assert (getattr(config.settings, field) if field else config.files.asr_name) == value
    assert config.files.asr_dir.name == "micro"


def test_loading_has_a_minute_and_what_a_slow_disk_takes(tmp_path: Path) -> None:
    """For each model by the size of its weights, or what the setting says; a missing file is told by the load itself."""
    (tmp_path / "model.bin").touch()
    os.truncate(tmp_path / "model.bin", 1_500_000_000)
    files = replace(FILES, asr_dir=tmp_path, voice=tmp_path / "none.onnx")
    by_size = HostConfig(files, HostSettings()).longest_load_s
    assert by_size == {ModelKind.ASR: 135, ModelKind.TTS: 60}
    chosen = HostConfig(files, HostSettings(longest_load_s=7)).longest_load_s
    assert chosen == {ModelKind.ASR: 7, ModelKind.TTS: 7}


def test_an_option_goes_before_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command line leaves out the environment says."""
    monkeypatch.setenv("VOICEGATE_SPEED", "0.5")
    monkeypatch.setenv("VOICEGATE_CPU_THREADS", "7")
    monkeypatch.setenv("VOICEGATE_PROFILE", "rehearsal")
    config = read("--speed=2", "--profile=micro")
    assert (config.settings.speed, config.settings.cpu_threads) == (2.0, 7)
    assert config.files.asr_name == MICRO_NAME


def test_an_empty_option_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an empty variable does: a script may have had nothing to put there."""
    monkeypatch.setenv("VOICEGATE_SPEED", "0.5")
    empty = [f"{option(name)}=" for name in OPTIONS if name not in SWITCHES]
    config = read("--asr-name=", *empty)
    assert config == HostConfig.from_settings(AgentSettings(speed=0.5), locate(AgentSettings()))


def test_models_are_named_both_or_not_at_all() -> None:
    """An empty name is none: the other model is then the profile's, and what is named is looked for."""
    with pytest.raises(ModelFilesError, match="/nowhere"):
        read("--asr-model=/nowhere", "--tts-voice=")
    assert read("--asr-model=/nowhere", "--tts-voice=/v.onnx").files.voice == Path("/v.onnx")


def test_a_bad_option_is_named() -> None:
    """The message gives the option as it was written, not the variable beside it."""
    with pytest.raises(SettingsError, match=r"--language is 'xx': .*expected a code"):
        read("--language=xx")


def test_options_that_do_not_go_together_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as it was given: what the environment says is called by its variable."""
    monkeypatch.setenv("VOICEGATE_LANGUAGE", "de")
    with pytest.raises(
        SettingsError, match=r"^VOICEGATE_LANGUAGE is 'de', .* models of --profile=rehearsal "
    ):
        read("--profile=rehearsal")
    with pytest.raises(SettingsError, match=r"^--language is 'fr', .* models of VOICEGATE_PROFILE=micro "):
        read("--language=fr")
