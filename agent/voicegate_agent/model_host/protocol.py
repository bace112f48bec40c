"""What the model host and its clients say to each other: addresses, values and errors; no I/O."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Self

ASR_SAMPLE_RATE_HZ = 16_000
"""What Whisper hears; other rates are resampled on arrival."""

OPENAI_PCM_SAMPLE_RATE_HZ = 24_000
"""What OpenAI's clients take headerless `pcm` speech to be; it is used when a request asks for no rate."""

MAX_UPLOAD_BYTES = 25 * 2**20
MAX_SPEECH_CHARACTERS = 20_000
MIN_SPEED, MAX_SPEED = 0.25, 4.0


class ModelKind(StrEnum):
    """Which of the two shared models a request is about."""

    ASR = "asr"
    TTS = "tts"


class ModelHostError(Exception):
    """Something the host would not or could not do; `status` and `code` are its HTTP form."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "model_host_error"

    def to_json(self) -> dict[str, Any]:
        """Give the error in the shape of OpenAI's API."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": str(self), "type": kind, "param": None, "code": self.code}}


class InvalidRequestError(ModelHostError):
    """A request that can never work: audio that is none, a speed out of range."""

    status = 400
    code = "invalid_request"


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
        413: InvalidRequestError,
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
class Load:
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

    def to_json(self) -> dict[str, Any]:
        """Give the fields as they are: OpenAI's `json` format, with more in it."""
        return asdict(self)

    def to_verbose_json(self) -> dict[str, Any]:
        """Give OpenAI's `verbose_json` format: the utterance as one segment."""
        segment = {
            "id": 0,
            "seek": 0,
            "start": 0.0,
            "end": self.duration_s,
            "text": self.text,
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": self.avg_logprob,
            "compression_ratio": self.compression_ratio,
            "no_speech_prob": self.no_speech_prob,
        }
        return {
            "task": "transcribe",
            "language": self.language,
            "duration": self.duration_s,
            "text": self.text,
            "segments": [segment] if self.text else [],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read a reply; only `text` is required, so that another OpenAI-like server will do."""
        known = {field.name for field in fields(cls)}
        return cls(**{"text": str(body["text"]), **{k: v for k, v in body.items() if k in known}})


class SpeechFormat(StrEnum):
    """How synthesized speech is sent: headerless samples, or with a WAV header in front."""

    PCM = "pcm"
    WAV = "wav"


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A text to speak; `speed` None means the host's, `sample_rate_hz` None the voice's own (WAV) or OpenAI's (PCM)."""

    text: str
    response_format: SpeechFormat = SpeechFormat.PCM
    speed: float | None = None
    sample_rate_hz: int | None = None

    @classmethod
    def from_json(cls, body: object) -> Self:
        """Read and check a request in the shape of OpenAI's; raises InvalidRequestError saying what is wrong.

        `model` and `voice` are accepted and ignored: the host speaks with the one voice that it has.
        """
        if not isinstance(body, Mapping) or not isinstance(body.get("input"), str):
            raise InvalidRequestError('expected a JSON object with the text to speak as "input"')
        text = body["input"]
        if len(text) > MAX_SPEECH_CHARACTERS:
            message = f"input has {len(text)} characters; at most {MAX_SPEECH_CHARACTERS} are spoken at once"
            raise InvalidRequestError(message)
        return cls(
            text,
            _speech_format(body.get("response_format", SpeechFormat.WAV)),
            _speed(body.get("speed")),
            _sample_rate(body.get("sample_rate")),
        )


def pcm_content_type(sample_rate_hz: int) -> str:
    """Name little-endian signed 16-bit mono samples at this rate."""
    return f"audio/pcm;rate={sample_rate_hz};channels=1"


def _speech_format(value: object) -> SpeechFormat:
    try:
        return SpeechFormat(str(value))
    except ValueError:
        message = f"response_format is {value!r}; this host speaks {' and '.join(SpeechFormat)}"
        raise InvalidRequestError(message) from None


def _speed(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and MIN_SPEED <= value <= MAX_SPEED:
        return float(value)
    message = f"speed is {value!r}; expected a number from {MIN_SPEED} to {MAX_SPEED}"
    raise InvalidRequestError(message)


def _sample_rate(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and 8_000 <= value <= 48_000:
        return value
    message = f"sample_rate is {value!r}; expected a whole number of Hz from 8000 to 48000"
    raise InvalidRequestError(message)
