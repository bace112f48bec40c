"""The agent's settings: one frozen object, read from the environment once and nowhere else.

Every field is set by the variable of its name with the prefix ``VOICEGATE_``; the LiveKit address and key
keep the names LiveKit gives them. Those of the model host are also options of its own command line.
"""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from voicegate_agent.host_settings import HEARS_MANY_LANGUAGES, HostSettings
from voicegate_agent.languages import AUTO
from voicegate_agent.page_settings import PageSettings

PREFIX = "VOICEGATE_"
MODEL_HOST_VARIABLE = f"{PREFIX}MODEL_HOST"


_NEARLY = 0.8  # difflib's ratio, without the prefix: CAPCITY is 0.93 of CAPACITY, PORT is 0.62 of HTTP_PORT


class SettingsError(Exception):
    """A setting that cannot be used; the message names the variable, what was seen and what was expected."""


class Isolation(StrEnum):
    """What a call runs in."""

    PROCESS = "process"
    THREAD = "thread"


class AgentSettings(HostSettings, PageSettings, BaseSettings):
    """Everything that can be chosen about the agent; sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        populate_by_name=True,
    )

    isolation: Isolation = Field(
        default=Isolation.PROCESS, description="what a call runs in: process or thread"
    )
    capacity: int = Field(
        default=0,
        ge=0,
        description="calls taken at the same time; further ones are refused. 0 means five for each core, "
        "and no more than a container's CPU limit allows",
    )
    refuse_after_wait_s: float = Field(
        default=25,
        gt=0,
        description="no call is taken while turns wait for longer than this (the median of RECENT_WAITS_S)",
    )
    idle_processes: int = Field(default=4, ge=0, description="processes kept ready for the next callers")
    share_models: bool = Field(
        default=True,
        description="one model host for all calls; false gives each call one of its own, to see what sharing saves",
    )
    model_host: str | None = Field(
        default=None,
        pattern=r"^(https?://|unix:/).+",
        description="use this model host (http://host:port or unix:/path), do not start one",
    )
    replies_url: str | None = Field(
        default=None, description="OpenAI-compatible chat endpoint; unset means the scripted help desk"
    )
    replies_model: str | None = Field(default=None, description="model to ask for at that endpoint")
    replies_api_key: SecretStr | None = Field(
        default=None, description="key for that endpoint, if it wants one"
    )
    replies_patience_s: float = Field(
        default=15,
        gt=0,
        description="how long that endpoint may take for its first word, and from one to the next",
    )
    replies_fallback_url: str | None = Field(
        default=None, description="another such endpoint, asked when the first one fails or takes too long"
    )
    replies_fallback_model: str | None = Field(default=None, description="model to ask for there")
    replies_fallback_api_key: SecretStr | None = Field(
        default=None, description="key for it, if it wants one"
    )
    one_moment_after_s: float = Field(
        default=2.5, gt=0, description='wait for a reply after which the caller hears "one moment please"'
    )
    prompt: str | None = Field(
        default=None, description="what the language model is told to be; unset means a help desk"
    )
    greeting: str | None = Field(default=None, description="what a caller is greeted with, if anything")
    orders: Path | None = Field(
        default=None, description="SQLite database in which the language model looks up orders"
    )
    hand_over_to: str | None = Field(
        default=None,
        pattern=r"^(tel:|sips?:).+",
        description="whom calls are handed over to (tel:+49301234567, sip:desk@example.com)",
    )
    ask_after_s: float = Field(
        default=40, gt=0, description="silence after which a caller is asked whether anybody is there"
    )
    hang_up_after_s: float = Field(default=20, gt=0, description="silence after that, which ends the call")
    longest_call_s: float = Field(default=3600, gt=0, description="how long a call may be")
    finished_wait_s: float = Field(
        default=0.13,
        ge=0.1,
        le=5,
        description="silence that ends a caller's turn whose words are finished: a question, `please`, a whole code",
    )
    unsure_wait_s: float = Field(
        default=0.6, ge=0.1, le=5, description="silence that ends a turn whose words may be finished"
    )
    unfinished_wait_s: float = Field(
        default=1.5, ge=0.1, le=5, description="silence that ends a turn in the middle of a sentence or code"
    )
    code_digits: int = Field(
        default=4,
        ge=0,
        description="how many digits the codes have that callers spell, so that nothing is waited for after the last; "
        "0 for any number",
    )
    background_below_db: float = Field(
        default=15,
        ge=0,
        description="who speaks so much softer than the caller is somebody in the background; 0 answers everybody",
    )
    web_interrupt_after_s: float = Field(
        default=0.08, ge=0, le=2, description="how long somebody must speak over a reply until it stops"
    )
    sip_interrupt_after_s: float = Field(
        default=0.08, ge=0, le=2, description="the same for callers by telephone"
    )
    web_echo_warmup_s: float = Field(
        default=0,
        ge=0,
        le=10,
        description="how long the agent is deaf in its first reply, for browsers and apps whose echo cancellation "
        "has to learn first",
    )
    sip_echo_warmup_s: float = Field(default=0, ge=0, le=10, description="the same for callers by telephone")
    monitor_interval_s: float = Field(default=60, gt=0, description="time between two memory reports")
    monitor_warn_bytes: int = Field(
        default=2_000_000_000, gt=0, description="memory from which the report warns"
    )
    monitor_high_bytes: int = Field(
        default=3_000_000_000, gt=0, description="memory above which garbage collection is forced"
    )
    http_host: str = Field(default="127.0.0.1", description="address of the health check (GET /)")
    http_port: int = Field(default=0, ge=0, le=65535, description="its port; 0 means any free one")
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

    @property
    def telephones_differ(self) -> bool:
        """Whether callers by telephone are to be treated otherwise, so that it matters who calls."""
        web = (self.web_interrupt_after_s, self.web_echo_warmup_s)
        return web != (self.sip_interrupt_after_s, self.sip_echo_warmup_s)

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.monitor_high_bytes < self.monitor_warn_bytes:
            high, warn = variable("monitor_high_bytes"), variable("monitor_warn_bytes")
            message = f"{high} must be at least {warn}: {self.monitor_high_bytes} < {self.monitor_warn_bytes}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _page_for_others_is_locked(self) -> Self:
        if not self.page_is_local and (self.page_secret is None or self.page_origin is None):
            host, origin, secret = (variable(f"page_{name}") for name in ("host", "origin", "secret"))
            message = (
                f"{host}={self.page_host} with {origin}={self.page_origin or ''} lets other machines call: set {secret}, "
                f"which callers must then have, and {origin}, where they open the page over HTTPS; or unset {host} and {origin}"
            )
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
    def _models_hear_the_language(self) -> Self:
        ours = self.asr_model is None and self.model_host is None
        if ours and self.profile not in HEARS_MANY_LANGUAGES and self.language not in ("en", AUTO):
            others = " or ".join(HEARS_MANY_LANGUAGES)
            message = (
                f"{variable('language')} is {self.language!r}, but the models of {variable('profile')}={self.profile} "
                f"hear English only: choose {others}, or set {variable('asr_model')} to a model of your own"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _endpoint_is_complete(self) -> Self:
        for kind in ("replies", "replies_fallback"):
            if (getattr(self, f"{kind}_url") is None) != (getattr(self, f"{kind}_model") is None):
                url, model = variable(f"{kind}_url"), variable(f"{kind}_model")
                message = f"{url} and {model} belong together: set both or neither"
                raise ValueError(message)
        if self.replies_url is None and self.replies_fallback_url is not None:
            fallback, url = variable("replies_fallback_url"), variable("replies_url")
            message = f"{fallback} is asked when {url} fails: set {url}, too"
            raise ValueError(message)
        return self


def variable(field: str) -> str:
    """Name the environment variable that sets a field."""
    alias = AgentSettings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def option(field: str) -> str:
    """Name the option of the model host's command line that sets a field."""
    return f"--{field.replace('_', '-')}"


def load_settings(options: Mapping[str, str] | None = None) -> AgentSettings:
    """Read the settings from the environment; `options` of a command line, by field, go before it.

    Raises SettingsError naming every variable and every option that cannot be used, and variables that look misspelt.
    """
    given = options or {}
    if misspelt := misspelt_variables(os.environ):
        raise SettingsError("\n".join(misspelt))
    try:
        return AgentSettings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(_explain(error, given)) from None


def misspelt_variables(names: Iterable[str]) -> list[str]:
    """Say which variables are no settings but nearly are; others with the prefix may be somebody else's."""
    fields = {field.upper(): variable(field) for field in AgentSettings.model_fields}
    found = []
    for name in names:
        word = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and word not in fields:
            nearest = difflib.get_close_matches(word, fields, n=1, cutoff=_NEARLY)
            found += [f"{name} is no setting: {fields[near]} is one, correct or unset it" for near in nearest]
    return found


def _explain(error: ValidationError, options: Mapping[str, str]) -> str:
    lines = []
    for problem in error.errors():
        where = str(problem["loc"][0]).lower() if problem["loc"] else ""
        said = _as_given(problem["msg"].removeprefix("Value error, "), options)
        if where in AgentSettings.model_fields:
            name = option(where) if where in options else variable(where)
            said = f"{name} is {problem['input']!r}: {said}"
        lines.append(said)
    return "\n".join(lines)


def _as_given(text: str, options: Mapping[str, str]) -> str:
    """Name the option instead of the variable wherever it was an option that set the field."""
    for field in options:
        text = re.sub(rf"\b{variable(field)}\b", option(field), text)
    return text


def settings_table() -> list[tuple[str, str, str]]:
    """List every setting for people: variable, default, what it does."""
    fields = AgentSettings.model_fields
    return [(variable(name), default_text(name), field.description or "") for name, field in fields.items()]


def default_text(field: str) -> str:
    """Show a field's default; nothing if it has none."""
    default = AgentSettings.model_fields[field].get_default(call_default_factory=True, validated_data={})
    return "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
