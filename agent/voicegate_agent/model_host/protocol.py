"""What the model host and its clients say to each other: addresses, values and errors; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, ClassVar, Self

from voicegate_agent.languages import language_name

ASR_SAMPLE_RATE_HZ = 16_000
"""What Whisper hears; other rates are resampled on arrival."""

OPENAI_PCM_SAMPLE_RATE_HZ = 24_000
"""What OpenAI's clients take headerless `pcm` speech to be; it is used when a request asks for no rate."""

MAX_UPLOAD_BYTES = 25 * 2**20
MAX_UPLOAD_S = 300
"""Compressed audio of 25 MiB can last for hours; this host is for utterances."""

MIN_SPEED, MAX_SPEED = 0.25, 4.0


class ModelKind(StrEnum):
    """Which of the two shared models a request is about."""

    ASR = "asr"
    TTS = "tts"


class LoadState(StrEnum):
    """How far a model is; `STUCK` is loading for longer than it ever should."""

    NOT_LOADED = "not loaded"
    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class HostReport:
    """What a host says of itself: how far each model is, and the median wait of its recent turns.

    Nothing, and 0, of a server that does not say.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    turn_wait_s: float = 0.0

    @classmethod
    def from_json(cls, body: object) -> Self:
        """Read an answer of `GET /readyz`, also of a server that knows no such thing."""
        said = body if isinstance(body, Mapping) else {}
        wait_s = said.get("turn_wait_s")
        models = {kind.value: str(said[kind]) for kind in ModelKind if kind in said}
        return cls(models, float(wait_s) if isinstance(wait_s, int | float) else 0.0)


def error_body(message: str, status: int, code: str, param: str | None = None) -> dict[str, Any]:
    """Write an error in the shape of OpenAI's API."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


class ModelHostError(Exception):
    """Something the host would not or could not do; `status` and `code` are its HTTP form."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "model_host_error"

    def __init__(
        self, message: str = "", *, param: str | None = None, retry_after_s: float | None = None
    ) -> None:
        """Take what to tell, which field of a request is wrong, and when asking again may help."""
        super().__init__(message)
        self.param = param
        self.retry_after_s = retry_after_s

    def to_json(self) -> dict[str, Any]:
        """Give the error in the shape of OpenAI's API."""
        return error_body(str(self), self.status, self.code, self.param)


class InvalidRequestError(ModelHostError):
    """A request that can never work: audio that is none, a speed out of range."""

    status = 400
    code = "invalid_request"


class ModelNotFoundError(InvalidRequestError):
    """A request for a model that the host does not have."""

    status = 404
    code = "model_not_found"


class WrongKeyError(InvalidRequestError):
    """A request without the key that the host was told to ask for."""

    status = 401
    code = "invalid_api_key"


class UploadTooLargeError(InvalidRequestError):
    """A sound file of more bytes, or of more audio, than the host takes."""

    status = 413
    code = "upload_too_large"


class HostOverloadedError(ModelHostError):
    """More requests wait than the host takes; asking again later helps."""

    status = 429
    code = "overloaded"


class ModelLoadError(ModelHostError):
    """A model that cannot be loaded; the message names the file, or the setting of the device that it cannot have."""

    status = 503
    code = "model_load_error"


class ModelHostUnavailableError(ModelHostError):
    """Nothing answers at the host's address, or it went away in the middle."""

    status = 503
    code = "unavailable"


class ModelHostTimeoutError(ModelHostUnavailableError):
    """The host took the request but did not answer in time."""

    code = "timeout"


_ERRORS = (
    InvalidRequestError,
    ModelNotFoundError,
    WrongKeyError,
    UploadTooLargeError,
    HostOverloadedError,
    ModelLoadError,
    ModelHostUnavailableError,
    ModelHostTimeoutError,
)
_ERRORS_BY_CODE = {error.code: error for error in _ERRORS}


def error_from_reply(status: int, body: object) -> ModelHostError:
    """Turn an error reply (of this host or of another OpenAI-like one) back into an exception."""
    detail = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(detail, Mapping):
        detail = {}
    message = str(detail.get("message") or body or f"HTTP status {status}")
    by_status = {
        400: InvalidRequestError,
        401: WrongKeyError,
        404: ModelNotFoundError,
        413: UploadTooLargeError,
        422: InvalidRequestError,
        429: HostOverloadedError,
    }
    error = _ERRORS_BY_CODE.get(str(detail.get("code")), by_status.get(status, ModelHostError))
    return error(message)


@dataclass(frozen=True, slots=True)
class HostAddress:
    """Where a model host listens: a base URL, and the socket's path when that is a Unix socket."""

    base_url: str
    socket_path: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `http://host:port`, `https://…` or `unix:/path`; raises ValueError for anything else."""
        if text.startswith("unix:/"):
            return cls("http://model-host", text.removeprefix("unix:"))
        if text.startswith(("http://", "https://")):
            return cls(text.rstrip("/").removesuffix("/v1"))
        message = f"a model host's address is http://host:port or unix:/path, not {text!r}"
        raise ValueError(message)

    def __str__(self) -> str:
        return f"unix:{self.socket_path}" if self.socket_path else self.base_url


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """The answer to a load request: which instance there is, and whether this request loaded it.

    `sample_rate_hz` is that of the model's audio: what it hears (ASR) or speaks (TTS).
    """

    id: int
    fresh: bool
    name: str
    sample_rate_hz: int

    def to_json(self) -> dict[str, Any]:
        """Give the fields as they are."""
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a reply; raises KeyError, TypeError or ValueError when it is none."""
        return cls(int(body["id"]), bool(body["fresh"]), str(body["name"]), int(body["sample_rate_hz"]))


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood of one utterance; `text` is empty when nobody spoke.

    `fitted` says that the encoder saw the utterance and a margin, not 30 s of padding; `waited_s` is the
    time in the queue, `compute_s` that of the batches, of all hearings; `batch_size` utterances shared the last.
    `units` are the parts in which a long recording was heard; empty for one that was heard at once.
    """

    text: str
    language: str = "en"
    duration_s: float = 0.0
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 0.0
    fitted: bool = False
    waited_s: float = 0.0
    compute_s: float = 0.0
    batch_size: int = 0
    units: "tuple[Transcript, ...]" = ()

    def to_json(self) -> dict[str, Any]:
        """Give the fields as they are: OpenAI's `json` format, with more in it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "units"}

    def to_verbose_json(self) -> dict[str, Any]:
        """Give OpenAI's `verbose_json` format: each unit in which anybody spoke as a segment."""
        segments: list[dict[str, Any]] = []
        start_s = 0.0
        for unit in self.units or (self,):
            if unit.text:
                segments.append(_segment(len(segments), start_s, unit))
            start_s += unit.duration_s
        return {
            "task": "transcribe",
            "language": language_name(self.language),
            "duration": self.duration_s,
            "text": self.text,
            "segments": segments,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a reply; only `text` is required, so that another OpenAI-like server will do."""
        known = {field.name for field in fields(cls)} - {"units"}
        return cls(**{"text": str(body["text"]), **{k: v for k, v in body.items() if k in known}})


def joined(units: Sequence[Transcript]) -> Transcript:
    """Put the units of a long recording together, with the least sure unit's figures."""
    spoken = [unit for unit in units if unit.text]
    worst = min(spoken or units, key=lambda unit: unit.avg_logprob)
    return replace(
        worst,
        text=" ".join(unit.text for unit in spoken),
        language=(spoken or units)[0].language,
        duration_s=sum(unit.duration_s for unit in units),
        fitted=all(unit.fitted for unit in spoken),
        waited_s=sum(unit.waited_s for unit in units),
        compute_s=sum(unit.compute_s for unit in units),
        units=tuple(units),
    )


def _segment(number: int, start_s: float, unit: Transcript) -> dict[str, Any]:
    return {
        "id": number,
        "seek": 0,
        "start": start_s,
        "end": start_s + unit.duration_s,
        "text": unit.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": unit.avg_logprob,
        "compression_ratio": unit.compression_ratio,
        "no_speech_prob": unit.no_speech_prob,
    }


def pcm_content_type(sample_rate_hz: int) -> str:
    """Name little-endian signed 16-bit mono samples at this rate."""
    return f"audio/pcm;rate={sample_rate_hz};channels=1"
