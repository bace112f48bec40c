"""What a model host is started with, and the same thing as command-line arguments."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.protocol import ModelKind
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.disk_space import Progress
from voicegate_agent.settings import default_text, load_settings, option

SECRETS = ("model_host_api_key",)
"""Settings that only the environment can set."""

OPTIONS = tuple(name for name in HostSettings.model_fields if name not in SECRETS)
"""Settings that are options of the host's command line too."""

LOAD_S = 60.0
SLOW_DISK_BYTES_PER_S = 20e6
"""What no load takes longer than."""

_OWN = "own"
"""What the profile of models is called that were given on the command line."""


@dataclass(frozen=True, slots=True)
class HostConfig:
    """The models a host serves, found on disk, and how it serves them."""

    files: ModelFiles
    settings: HostSettings

    @classmethod
    def from_settings(cls, settings: HostSettings, files: ModelFiles) -> Self:
        """Serve these files the way the settings say, of which only the host's own are kept."""
        kept = settings.model_dump(include=set(HostSettings.model_fields))
        return cls(files, HostSettings(**kept | {"asr_model": files.asr_dir, "tts_voice": files.voice}))

    @property
    def longest_load_s(self) -> dict[ModelKind, float]:
        """How long loading each model may take: what the setting says, else by the size of its weights."""
        weights = {ModelKind.ASR: self.files.asr_dir / "model.bin", ModelKind.TTS: self.files.voice}
        sizes = {kind: path.stat().st_size if path.is_file() else 0 for kind, path in weights.items()}
        longest_s = self.settings.longest_load_s
        return {kind: longest_s or LOAD_S + size / SLOW_DISK_BYTES_PER_S for kind, size in sizes.items()}

    def unwatched(self) -> Self:
        """Serve the same without a port for those who watch, which only one host can have."""
        return replace(self, settings=self.settings.model_copy(update={"metrics_port": 0}))

    def to_arguments(self) -> list[str]:
        """Give the command-line arguments with which `python -m voicegate_agent.model_host` serves the same.

        Without its key, which everybody on the machine could read there.
        """
        values = self.settings.model_dump(exclude_none=True, exclude={*SECRETS})
        return [
            f"--asr-name={self.files.asr_name}",
            *(_argument(name, value) for name, value in values.items()),
        ]


def add_arguments(parser: ArgumentParser) -> None:
    """Define an option for each of the host's settings but its key; one that is not given is None in the namespace."""
    parser.add_argument(
        "--asr-name", metavar="NAME", help="what the log calls --asr-model (default: its folder)"
    )
    for name in OPTIONS:
        field = HostSettings.model_fields[name]
        default = default_text(name)
        help_text = f"{field.description} [{default}]" if default else field.description
        if field.annotation is bool:
            parser.add_argument(option(name), action=BooleanOptionalAction, default=None, help=help_text)
        else:
            parser.add_argument(option(name), metavar=name.upper(), help=help_text)


def read_config(arguments: Namespace, progress: Progress) -> HostConfig:
    """Take each setting from the command line, else from the environment; models that neither names are the profile's.

    An option that is empty counts as not given, as an empty variable does.

    Raises SettingsError, and what having the profile's models raises.
    """
    options = ((name, getattr(arguments, name)) for name in OPTIONS)
    given = {name: str(value) for name, value in options if value not in (None, "")}
    settings = load_settings(given)
    files = _named_files(given) or _profile_files(settings, progress)
    if arguments.asr_name:
        files = replace(files, asr_name=arguments.asr_name)
    return HostConfig.from_settings(settings, files)


def _named_files(given: Mapping[str, str]) -> ModelFiles | None:
    """Give the models that the command line names, which its author has checked; None unless it names both."""
    asr_model, tts_voice = given.get("asr_model"), given.get("tts_voice")
    if asr_model is None or tts_voice is None:
        return None
    return ModelFiles(_OWN, Path(asr_model), asr_model, Path(tts_voice))


def _profile_files(settings: HostSettings, progress: Progress) -> ModelFiles:
    from voicegate_agent.models.profiles import resolve  # noqa: PLC0415 - loads NumPy, which must be prepared first

    return resolve(settings, progress)


def _argument(name: str, value: object) -> str:
    if isinstance(value, bool):
        return option(name) if value else option(name).replace("--", "--no-", 1)
    return f"{option(name)}={value}"
