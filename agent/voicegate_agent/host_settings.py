"""The settings of the models and their host: for the agent, and on the host's own command line."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from platformdirs import user_cache_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from voicegate_agent.languages import AUTO, language_code


class Profile(StrEnum):
    """Which pair of models the agent speaks and listens with."""

    MICRO = "micro"
    REHEARSAL = "rehearsal"
    PACKAGED = "packaged"
    PACKAGED_TINY = "packaged-tiny"
    PRODUCTION = "production"


HEARS_MANY_LANGUAGES = (Profile.PACKAGED,)
"""Profiles whose speech-to-text model is multilingual; the others hear English."""


class Device(StrEnum):
    """What the speech-to-text model computes on."""

    CPU = "cpu"
    CUDA = "cuda"


class ComputeType(StrEnum):
    """Which numbers the speech-to-text model computes with, in CTranslate2's names."""

    AUTO = "auto"
    INT8 = "int8"
    INT8_FLOAT32 = "int8_float32"
    INT8_FLOAT16 = "int8_float16"
    INT8_BFLOAT16 = "int8_bfloat16"
    INT16 = "int16"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    FLOAT32 = "float32"


class FitContext(StrEnum):
    """Whether speech to text encodes the utterance only: where that was measured to be right, always, or never."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Take the words for a switch as well."""
        word = str(value).lower()
        if word in ("true", "t", "1", "yes", "y", "on"):
            return cls.ON
        if word in ("false", "f", "0", "no", "n", "off"):
            return cls.OFF
        return cls.AUTO if word == "auto" else None


class LogFormat(StrEnum):
    """How the agent writes its log."""

    TEXT = "text"
    JSON = "json"


class HostSettings(BaseModel):
    """What can be chosen about the models and their host, for the agent and on the host's own command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Profile = Field(
        default=Profile.MICRO,
        description=f"models: {', '.join(Profile)}; `voicegate-agent models` has them ready",
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
    language: Annotated[str, AfterValidator(language_code)] = Field(
        default="en",
        description=f"what callers speak: a code (en), locale (de-DE) or English name (German); "
        f"{AUTO} finds out in each utterance",
    )
    device: Device = Field(
        default=Device.CPU,
        description="what speech to text computes on: cpu, or cuda (NVIDIA's, with cuBLAS of CUDA 12)",
    )
    device_index: int = Field(default=0, ge=0, description="which of several GPUs")
    compute_type: ComputeType = Field(
        default=ComputeType.AUTO,
        description="numbers that speech to text computes with, in CTranslate2's names; auto is int8 on a CPU, "
        "whatever the model's file stores, and int8_float16 on CUDA",
    )
    cpu_threads: int = Field(
        default=0,
        ge=0,
        description="threads of the speech-to-text model; 0 means one for each core, "
        "and no more than a container's CPU limit allows",
    )
    fit_context: FitContext = Field(
        default=FitContext.AUTO,
        description="encode the utterance only, not 30 s of padding around it: on, off, "
        "or auto, which is on for models that it was measured with",
    )
    max_batch: int = Field(
        default=8, ge=1, description="utterances of different calls transcribed in one batch"
    )
    speaker: str | None = Field(
        default=None,
        description="speaker of a voice with several speakers (name or number); "
        "with somebody else's speech server, the voice to ask for",
    )
    speed: float = Field(
        default=1.0, ge=0.25, le=4.0, description="how fast replies are spoken; 1 is the voice's own"
    )
    load_at_start: bool = Field(
        default=False, description="load the models at start-up, not in the first call"
    )
    recent_waits_s: float = Field(
        default=30,
        gt=0,
        description="time in seconds whose waits tell whether the agent is overloaded",
    )
    longest_load_s: float = Field(
        default=0,
        ge=0,
        description="how long loading a model may take until the host is restarted; 0 means a minute, and a second more "
        "for each 20 MB of weights",
    )
    model_host_api_key: SecretStr | None = Field(
        default=None, description="key that a model host on a port asks for, and that the agent sends to it"
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="address of the model host's figures and health, beside where it serves",
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="their port (GET /metrics, /livez, /readyz); 0 means none"
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

    @property
    def computes_with(self) -> ComputeType:
        """The compute type that `auto` stands for: CTranslate2's own choice makes a file in float16 four times as big."""
        if self.compute_type is not ComputeType.AUTO:
            return self.compute_type
        return ComputeType.INT8 if self.device is Device.CPU else ComputeType.INT8_FLOAT16

    @property
    def bytes_per_weight(self) -> int:
        """What a weight of the speech-to-text model takes in memory; a CPU has no float16, and takes float32 for it."""
        if self.computes_with.startswith("int8"):
            return 1
        halves = (
            (ComputeType.INT16,) if self.device is Device.CPU else (ComputeType.FLOAT16, ComputeType.BFLOAT16)
        )
        return 2 if self.computes_with in halves else 4
