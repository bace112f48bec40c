"""The gate's settings: what it knows about the agent, read from one TOML file and the environment."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)

from voicegate.agent_section import AgentSection, LogLines, RoleRule, Section
from voicegate.gate_file import (
    GateFile,
    KeyedSection,
    KeyProblem,
    Place,
    SettingsError,
    explain,
    message,
    read_gate_file,
)
from voicegate.gate_sections import (
    FOLDER,
    CriteriaSection,
    HistorySection,
    LiveKitSection,
    PageSection,
    ProfileSection,
    RecognizerSection,
    ScenarioSection,
    SourceSection,
    VariantSection,
    VariantsSection,
)
from voicegate.judge.registry import Limits
from voicegate.log_contract import LogContract
from voicegate.names import GATE_FILE, ScenarioName
from voicegate.record.packaged_ears import PACKAGED, packaged_ears
from voicegate.redaction import Secrets, secrets_among, secrets_in
from voicegate.toml_lines import KeyPath

__all__ = [
    "DEFAULTS",
    "FOLDER",
    "AgentSection",
    "GateSettings",
    "LiveKitSection",
    "LogLines",
    "PageSection",
    "ProfileSection",
    "RoleRule",
    "ScenarioSection",
    "SettingsError",
    "SourceSection",
    "VariantSection",
    "VariantsSection",
    "load_settings",
    "with_paths",
]

DEFAULTS = Path(__file__).with_name("defaults.toml")

_PATHS = (
    ("agent", "working_directory"),
    ("agent", "pid_file"),
    ("agent", "log_file"),
    ("history", "file"),
    ("recognizer", "model"),
    ("recognizer", "model_for"),
    ("scenario", "clips"),
    ("scenario", "file"),
    ("source", "files"),
)


_WHOLE = ("expected_reply",)
"""Tables that are one value: a file's takes the place of the one below."""


class GateSettings(Section, KeyedSection):
    """Everything the gate knows before it starts.

    `environment` is what its child processes inherit; `lines` says where each key stands: in the file `path`, or in one
    that it extends.
    """

    renamed_keys: ClassVar[Mapping[str, str]] = {"acts": "variants"}

    path: Path
    agent: AgentSection = AgentSection()
    livekit: LiveKitSection = LiveKitSection()
    roles: tuple[RoleRule, ...] = ()
    log_lines: LogLines = LogLines()
    log: LogContract = LogContract()
    limits: Limits = Limits()
    criteria: CriteriaSection = CriteriaSection()
    variants: VariantsSection = VariantsSection()
    profile: ProfileSection | None = None
    page: PageSection | None = None
    source: SourceSection = SourceSection()
    history: HistorySection = HistorySection()
    scenario: ScenarioSection = ScenarioSection()
    recognizer: RecognizerSection | None = None
    environment: Mapping[str, str] = Field(default={}, repr=False, exclude=True)
    lines: Mapping[KeyPath, Place] = Field(default={}, repr=False, exclude=True)

    @model_validator(mode="after")
    def _check_sections_together(self) -> Self:
        if self.agent.attached and (self.variants.forced_gc or self.variants.unshared):
            raise KeyProblem("variants", "a variant starts the agent anew, which needs agent.command")
        if self.agent.attached and self.profile:
            raise KeyProblem("profile", "a profile starts the agent anew, which needs agent.command")
        if self.agent.log_source == "none" and self.log.model_fields_set:
            raise KeyProblem("log", 'has no effect: no log is read (agent.log is "none")')
        if self.limits.monitor_warning_bytes >= self.limits.monitor_high_bytes:
            raise KeyProblem("limits", "monitor_warning_bytes must be below monitor_high_bytes")
        return self

    @property
    def language(self) -> str:
        """The language that callers and agent speak."""
        return "en" if self.recognizer is None else self.recognizer.language

    @property
    def ears(self) -> Path | None:
        """The folder of the model that the gate listens to the agent's profile with; None: it does not listen."""
        if self.recognizer is None:
            return None
        return self.recognizer.model_for.get(self.agent.profile, self.recognizer.model)

    def error(self, location: KeyPath, text: str) -> SettingsError:
        """Make an error about one key, with its file and line."""
        return SettingsError(message(self.path, self.lines, location, text))

    def changed(
        self,
        *,
        profile: str | None = None,
        isolation: str | None = None,
        scenario: ScenarioName | None = None,
    ) -> Self:
        """Return these settings with what was given on the command line in place of the file's."""
        agent = {"profile": profile, "isolation": isolation}
        return self.model_copy(
            update={
                "agent": self.agent.model_copy(update={k: v for k, v in agent.items() if v is not None}),
                "scenario": self.scenario.model_copy(
                    update={"name": scenario, "file": None} if scenario else {}
                ),
            }
        )

    def with_agent_of(self, section: VariantSection) -> Self:
        """Return these settings with a section's environment over the agent's, and its command if it has one."""
        changes = {"env": self.agent.env | section.env, "command": section.command or self.agent.command}
        return self.model_copy(update={"agent": self.agent.model_copy(update=changes)})

    def secrets(self) -> Secrets:
        """Collect what the gate knows and must not write: keys of the server, and secrets in any agent's environment."""
        sections = (self.variants.forced_gc, self.variants.unshared, self.profile, self.page)
        variants = [variant for variant in sections if variant is not None]
        secrets = secrets_in(self.agent_environment(), *(variant.env for variant in variants))
        for command in (
            self.agent.command,
            self.agent.prepare,
            self.agent.check,
            *(variant.command for variant in variants),
        ):
            secrets.add(*secrets_among(command))
        if self.livekit.api_secret is not None:
            secrets.add(self.livekit.api_secret.get_secret_value())
        if self.livekit.api_key is not None:
            secrets.add(self.livekit.api_key)
        return secrets

    def agent_environment(self) -> dict[str, str]:
        """Return the environment of the agent's processes, without the LiveKit address and keys."""
        return dict(self.environment) | {
            name: self.agent.expand(text) for name, text in self.agent.env.items()
        }


def load_settings(
    path: Path | None = None,
    environ: Mapping[str, str] | None = None,
    changes: Iterable[Mapping[str, Any]] = (),
) -> GateSettings:
    """Read a gate file over the packaged defaults, and LIVEKIT_URL, _API_KEY and _API_SECRET over both.

    If no path is given, it is GATE_FILE where there is one, else the defaults alone, which name no agent. What the file
    leaves out keeps the value of the file that it extends, else the packaged one, key by key. `changes` are sections
    laid over the file's, one after the other, key by key. Raises SettingsError.
    """
    environ = os.environ if environ is None else environ
    path = path or (GATE_FILE if GATE_FILE.is_file() else DEFAULTS)
    file = _with_what_it_extends(_read(path.resolve()))
    tables = _merged(_read(DEFAULTS).tables, file.tables)
    for change in changes:
        tables, file = _merged(tables, change), replace(file, lines={})  # a line of the file would mislead
    tables["livekit"] = _livekit(tables.get("livekit", {}), environ)
    known = {"path": file.path, "environment": dict(environ), "lines": file.lines}
    try:
        return _without_log(GateSettings.model_validate(tables | known))
    except ValidationError as error:
        raise SettingsError(explain(file, error, GateSettings)) from None


def _read(path: Path) -> GateFile:
    file = read_gate_file(path)
    return replace(file, tables=with_paths(path, file.tables))


def _with_what_it_extends(file: GateFile, below: tuple[Path, ...] = ()) -> GateFile:
    """Lay a file's tables over those of the file that it extends, and so on; each key keeps the line it stands on."""
    if "extends" not in file.tables:
        return file
    base = file.tables["extends"]
    if not isinstance(base, str):
        raise SettingsError(file.message(("extends",), f"expected the path of a gate file, found {base!r}"))
    path, above = (file.path.parent / Path(base).expanduser()).resolve(), (*below, file.path)
    if path in above:
        raise SettingsError(file.message(("extends",), f"{path} extends this file, directly or not"))
    extended = _with_what_it_extends(_read(path), above)
    own = {name: table for name, table in file.tables.items() if name != "extends"}
    return replace(file, tables=_merged(extended.tables, own), lines={**extended.lines, **file.lines})


def with_paths(path: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return sections that were read from this file, with their relative paths taken from its folder."""
    found = {name: dict(table) if isinstance(table, dict) else table for name, table in tables.items()}
    for section, key in _PATHS:
        table = found.get(section)
        if isinstance(table, dict) and key in table:
            table[key] = _relative_to(path, _named(table[key]) if section == "recognizer" else table[key])
    return found


def _named(ears: object) -> object:
    """Put the folder of the packaged ears in place of their name."""
    if isinstance(ears, dict):
        return {profile: _named(model) for profile, model in ears.items()}
    return str(packaged_ears()) if ears == PACKAGED else ears


def _relative_to(path: Path, value: object) -> object:
    if isinstance(value, list):
        return [_relative_to(path, one) for one in value]
    if isinstance(value, dict):
        return {name: _relative_to(path, one) for name, one in value.items()}
    return (path.parent / Path(value).expanduser()).resolve() if isinstance(value, str) else value


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay tables over others, key by key at every depth."""
    merged = dict(below)
    for name, value in above.items():
        under = below.get(name)
        if isinstance(under, dict) and isinstance(value, dict) and name not in _WHOLE:
            merged[name] = _merged(under, value)
        else:
            merged[name] = value
    return merged


def _livekit(table: object, environ: Mapping[str, str]) -> object:
    if not isinstance(table, dict):
        return table
    variables = {"url": "LIVEKIT_URL", "api_key": "LIVEKIT_API_KEY", "api_secret": "LIVEKIT_API_SECRET"}
    if not environ.get("LIVEKIT_URL"):
        return table
    return table | {key: environ[name] for key, name in variables.items() if environ.get(name)}


def _without_log(settings: GateSettings) -> GateSettings:
    """Where no log is read, there are no lines to wait for either."""
    if settings.agent.log_source != "none":
        return settings
    return settings.model_copy(update={"log": LogContract.without_lines()})
