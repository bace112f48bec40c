"""The agent's settings: one frozen object, read from the environment once and nowhere else.

Every field is set by the variable of its name with the prefix ``VOICEGATE_``; the LiveKit address and key
keep the names LiveKit gives them.
"""

from enum import StrEnum
from pathlib import Path
from typing import Self

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "VOICEGATE_"
MODEL_HOST_VARIABLE = f"{PREFIX}MODEL_HOST"


class SettingsError(Exception):
    """A setting that cannot be used; the message names the variable, what was seen and what was expected."""


class Profile(StrEnum):
    """Which pair of models the agent speaks and listens with."""

    MICRO = "micro"
    REHEARSAL = "rehearsal"
    PRODUCTION = "production"


class Isolation(StrEnum):
    """What a call runs in."""

    PROCESS = "process"
    THREAD = "thread"


class LogFormat(StrEnum):
    """How the agent writes its log."""

    TEXT = "text"
    JSON = "json"


class AgentSettings(BaseSettings):
    """Everything that can be chosen about the agent; sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        populate_by_name=True,
    )

    profile: Profile = Field(default=Profile.MICRO, description="models: micro, rehearsal or production")
    isolation: Isolation = Field(
        default=Isolation.PROCESS, description="what a call runs in: process or thread"
    )
    capacity: int = Field(
        default=20, ge=1, description="calls taken at the same time; further ones are refused"
    )
    idle_processes: int = Field(default=4, ge=0, description="processes kept ready for the next callers")
    share_models: bool = Field(
        default=True,
        description="one model host for all calls; false gives each call one of its own, to see what sharing saves",
    )
    load_at_start: bool = Field(
        default=False, description="load the models at start-up, not in the first call"
    )
    fit_context: bool = Field(
        default=True, description="encode the utterance only, not 30 s of padding around it"
    )
    cpu_threads: int = Field(
        default=0, ge=0, description="threads of the speech-to-text model; 0 means all cores"
    )
    max_batch: int = Field(
        default=8, ge=1, description="utterances of different calls transcribed in one batch"
    )
    model_host: str | None = Field(
        default=None,
        pattern=r"^(https?://|unix:/).+",
        description="use this model host (http://host:port or unix:/path), do not start one",
    )
    asr_model: Path | None = Field(
        default=None, description="folder of a CTranslate2 Whisper model to use instead"
    )
    tts_voice: Path | None = Field(
        default=None, description="Piper voice (.onnx beside .onnx.json) to use instead"
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("voicegate"),
        description="where fetched and generated models are kept",
    )
    replies_url: str | None = Field(
        default=None, description="OpenAI-compatible chat endpoint; unset means the scripted help desk"
    )
    replies_model: str | None = Field(default=None, description="model to ask for at that endpoint")
    replies_api_key: SecretStr | None = Field(
        default=None, description="key for that endpoint, if it wants one"
    )
    # Measured from the end of speech to the first sound of the reply, 7 turns each, median: 0.38 s with 0,
    # 0.42 s with 0.1, 0.40 s with 0.3, 0.71 s with 0.5: up to 0.3 s costs nothing, as the VAD takes as long.
    endpointing_min_delay_s: float = Field(
        default=0.3, ge=0, le=5, description="silence after speech before the agent takes its turn"
    )
    monitor_interval_s: float = Field(default=60, gt=0, description="time between two memory reports")
    monitor_warn_bytes: int = Field(
        default=2_000_000_000, gt=0, description="memory from which the report warns"
    )
    monitor_high_bytes: int = Field(
        default=3_000_000_000, gt=0, description="memory above which garbage collection is forced"
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT, description="text, or json with one object per line"
    )
    memray_dir: Path | None = Field(
        default=None,
        description="record every process's memory allocations into this folder; needs memray, slows calls",
    )
    memray_native: bool = Field(
        default=False, description="with the native stack of each allocation, which slows more"
    )
    http_host: str = Field(default="127.0.0.1", description="address of the health check (GET /)")
    http_port: int = Field(default=0, ge=0, le=65535, description="its port; 0 means any that is free")
    drain_timeout_s: int = Field(
        default=600, ge=0, description="how long calls may go on when the agent is told to stop"
    )
    livekit_retries: int = Field(
        default=16, ge=0, description="attempts to reach LiveKit again, up to 10 s apart, before giving up"
    )
    livekit_url: str | None = Field(
        default=None, validation_alias="LIVEKIT_URL", description="address of the LiveKit server"
    )
    livekit_api_key: str | None = Field(
        default=None, validation_alias="LIVEKIT_API_KEY", description="key for that server"
    )
    livekit_api_secret: SecretStr | None = Field(
        default=None, validation_alias="LIVEKIT_API_SECRET", description="secret of that key"
    )

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.monitor_high_bytes < self.monitor_warn_bytes:
            high, warn = variable("monitor_high_bytes"), variable("monitor_warn_bytes")
            message = f"{high} must be at least {warn}: {self.monitor_high_bytes} < {self.monitor_warn_bytes}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _models_are_in_one_place(self) -> Self:
        if self.model_host is not None and not self.share_models:
            host, share = variable("model_host"), variable("share_models")
            message = f"{share}=false gives each call a model host of its own: unset {host} for that"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _endpoint_is_complete(self) -> Self:
        if (self.replies_url is None) != (self.replies_model is None):
            url, model = variable("replies_url"), variable("replies_model")
            message = f"{url} and {model} belong together: set both or neither"
            raise ValueError(message)
        return self


def variable(field: str) -> str:
    """Name the environment variable that sets a field."""
    alias = AgentSettings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def load_settings() -> AgentSettings:
    """Read the settings from the environment.

    Raises SettingsError naming every variable that cannot be used.
    """
    try:
        return AgentSettings()
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        where = str(problem["loc"][0]) if problem["loc"] else ""
        if where.lower() in AgentSettings.model_fields:
            lines.append(f"{variable(where.lower())} is {problem['input']!r}: {problem['msg']}")
        else:
            lines.append(problem["msg"].removeprefix("Value error, "))
    return "\n".join(lines)


def settings_table() -> list[tuple[str, str, str]]:
    """List every setting for people: variable, default, what it does."""
    rows = []
    for name, field in AgentSettings.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
        rows.append((variable(name), shown, field.description or ""))
    return rows
