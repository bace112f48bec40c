"""The tables of a gate file, but for those of the agent and the log: servers, scenario, ears, variants, page, source and more."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from voicegate.agent_section import Section
from voicegate.gate_file import KeyProblem
from voicegate.log_contract import Pattern
from voicegate.names import ScenarioName

FOLDER = "{folder}"
"""What stands for the folder of memray's captures in [profile]."""


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
            raise KeyProblem("on", "give either off or on: with on, all others are off")
        return self
