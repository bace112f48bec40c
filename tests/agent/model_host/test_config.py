"""A configuration survives the command line of the host."""

from argparse import ArgumentParser
from pathlib import Path

import pytest
from voicegate_agent.model_host.config import HostConfig, add_arguments
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.settings import AgentSettings, LogFormat, Profile


def parse(arguments: list[str]) -> HostConfig:
    """Read arguments the way the host does."""
    parser = ArgumentParser()
    add_arguments(parser)
    return HostConfig.from_namespace(parser.parse_args(arguments))


@pytest.mark.parametrize("flag", [True, False])
def test_the_arguments_give_the_configuration_back(flag: bool) -> None:
    """Every field, whatever its value, arrives in the host."""
    config = HostConfig(
        asr_dir=Path("/models/a b"),
        asr_name="owner/model",
        voice=Path("/voices/-x.onnx"),
        fit_context=flag,
        cpu_threads=3,
        max_batch=5,
        language="de",
        load_at_start=not flag,
        log_format=LogFormat.JSON if flag else LogFormat.TEXT,
        memray_dir=Path("/captures/a b") if flag else None,
        memray_native=flag,
    )
    assert parse(config.to_arguments()) == config


def test_settings_and_files_make_a_configuration() -> None:
    """What the settings say about the models is what the host is told."""
    settings = AgentSettings(
        fit_context=False, cpu_threads=2, max_batch=4, load_at_start=True, memray_dir=Path("/c")
    )
    files = ModelFiles(Profile.MICRO, Path("/asr"), "micro", Path("/voice.onnx"))
    config = HostConfig.from_settings(settings, files)
    assert (config.asr_dir, config.asr_name, config.voice) == (Path("/asr"), "micro", Path("/voice.onnx"))
    assert (config.fit_context, config.cpu_threads, config.max_batch) == (False, 2, 4)
    assert config.load_at_start
    assert (config.memray_dir, config.memray_native) == (Path("/c"), False)
