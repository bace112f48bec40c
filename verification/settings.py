"""The gate's settings: what it knows about the agent, read from one TOML file and the environment."""

import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from verification.limits import Limits
from verification.log_contract import LogContract, Pattern

DEFAULT_GATE = Path(__file__).with_name("gate.toml")
_ABOUT_OUR_AGENT = ("agent", "acts", "source")
ScenarioName = Literal["full", "short", "pair", "race", "cycles", "monitor", "forced-gc", "benefit"]


class SettingsError(Exception):
    """Settings that cannot be used; the message names the file, the key and what was expected."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AgentSection(_Section):
    """How the agent is prepared, started, recognized as ready and stopped."""

    profile: str = "unknown"
    isolation: str = "unknown"
    command: tuple[str, ...] = Field(min_length=1)
    prepare: tuple[str, ...] = ()
    env: dict[str, str] = {}
    working_directory: Path | None = None
    ready_pattern: Pattern = "registered worker"
    ready_timeout_s: float = Field(default=60, gt=0)
    prepare_timeout_s: float = Field(default=900, gt=0)
    stop_timeout_s: float = Field(default=15, gt=0)
    agent_name: str | None = None
    weights_bytes: int | None = Field(default=None, gt=0)
    expected_reply: str | None = None

    def expand(self, text: str) -> str:
        """Replace the placeholders {python}, {profile} and {isolation} in `text`."""
        values = {"{python}": sys.executable, "{profile}": self.profile, "{isolation}": self.isolation}
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        return text


class LiveKitSection(_Section):
    """Which LiveKit server is used: an address, or a server of our own on a port."""

    url: str | None = None
    api_key: str | None = None
    api_secret: SecretStr | None = None
    port: int | None = Field(default=None, ge=1, le=65535)


class RoleRule(_Section):
    """A process whose command line (and parent's) matches has this role."""

    role: Literal["main", "model-host", "job", "other"]
    command: Pattern
    parent: Pattern | None = None


class LogLines(_Section):
    """How one line of the agent's log is taken apart: names of JSON fields, or groups of a text pattern."""

    message: str = "message"
    level: str = "level"
    pid: str = "pid"
    room: str = "room"
    text: Pattern | None = None


class ScenarioSection(_Section):
    """Which scenario is driven and how long its callers wait; seconds."""

    name: ScenarioName = "full"
    reply_timeout_s: float = Field(default=15, gt=0)
    join_timeout_s: float = Field(default=20, gt=0)
    sample_interval_s: float = Field(default=0.5, ge=0.1)
    clips: Path = Path(__file__).parent / "drive" / "clips"


class RecognizerSection(_Section):
    """What the gate listens with: the folder of a CTranslate2 Whisper model."""

    model: Path


class ActSection(_Section):
    """How the agent is started for an act: with more in its environment, or by a command of its own."""

    env: dict[str, str] = {}
    command: tuple[str, ...] = ()


class ActsSection(_Section):
    """The acts that follow the run proper, each with an agent started anew; None is not played."""

    forced_gc: ActSection | None = None
    unshared: ActSection | None = None


class SourceSection(_Section):
    """Where the shared models live in the agent's source: files, the names that hold them, what a lock is called."""

    files: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()
    lock: Pattern = "(?i)lock|mutex"


class CriteriaSection(_Section):
    """Which criteria are turned off, by their ids."""

    off: tuple[str, ...] = ()


class GateSettings(_Section):
    """Everything the gate knows before it starts. `environment` is what its child processes inherit."""

    path: Path
    agent: AgentSection
    livekit: LiveKitSection = LiveKitSection()
    roles: tuple[RoleRule, ...] = ()
    log_lines: LogLines = LogLines()
    log: LogContract = LogContract()
    limits: Limits = Limits()
    criteria: CriteriaSection = CriteriaSection()
    acts: ActsSection = ActsSection()
    source: SourceSection = SourceSection()
    scenario: ScenarioSection = ScenarioSection()
    recognizer: RecognizerSection | None = None
    environment: Mapping[str, str] = Field(default={}, repr=False, exclude=True)

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
                "scenario": self.scenario.model_copy(update={"name": scenario} if scenario else {}),
            }
        )

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

    What the file leaves out keeps the packaged value, key by key, except that a file with an [agent] command
    describes another agent: nothing of the packaged [agent], [acts] and [source] is kept then. `changes` are
    sections laid over the file's, one after the other, key by key: always the same agent. Raises SettingsError.
    """
    path = (path or DEFAULT_GATE).resolve()
    environ = os.environ if environ is None else environ
    tables = _read(path)
    if path != DEFAULT_GATE:
        tables = _over_defaults(_read(DEFAULT_GATE), tables)
    for change in changes:
        tables = _merged(tables, change)
    tables["livekit"] = _livekit(tables.get("livekit", {}), environ)
    try:
        return GateSettings.model_validate(tables | {"path": path, "environment": dict(environ)})
    except ValidationError as error:
        raise SettingsError(_explain(path, error)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot read the gate file: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    return with_paths(path, tables)


def with_paths(path: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return sections that were read from this file, with their relative paths taken from its folder."""
    found = {name: dict(table) if isinstance(table, dict) else table for name, table in tables.items()}
    for section, key in (("agent", "working_directory"), ("recognizer", "model"), ("scenario", "clips")):
        table = found.get(section)
        if isinstance(table, dict) and isinstance(table.get(key), str):
            table[key] = _relative_to(path, table[key])
    source = found.get("source")
    if isinstance(source, dict) and isinstance(source.get("files"), list):
        source["files"] = [
            _relative_to(path, one) if isinstance(one, str) else one for one in source["files"]
        ]
    return found


def _relative_to(path: Path, text: str) -> Path:
    return (path.parent / Path(text).expanduser()).resolve()


def _over_defaults(defaults: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """Lay a file's tables over the packaged ones, of which another agent keeps only what is not about ours."""
    agent = tables.get("agent")
    if isinstance(agent, dict) and "command" in agent:
        defaults = {name: table for name, table in defaults.items() if name not in _ABOUT_OUR_AGENT}
    return _merged(defaults, tables)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay tables over others, key by key at every depth."""
    merged = dict(below)
    for name, value in above.items():
        under = below.get(name)
        if isinstance(under, dict) and isinstance(value, dict):
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


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"{path}: {key}: unknown key; known here: {', '.join(_known_keys(problem['loc']))}")
        else:
            lines.append(f"{path}: {key}: {problem['msg']}")
    return "\n".join(lines)


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """List the keys of the section that the last part of `location` was found in."""
    sections: dict[str, type[BaseModel]] = {
        "agent": AgentSection,
        "livekit": LiveKitSection,
        "roles": RoleRule,
        "log_lines": LogLines,
        "log": LogContract,
        "limits": Limits,
        "criteria": CriteriaSection,
        "acts": ActsSection,
        "source": SourceSection,
        "scenario": ScenarioSection,
        "recognizer": RecognizerSection,
    }
    if len(location) == 1:
        return sorted(sections)
    return sorted(sections[str(location[0])].model_fields)
