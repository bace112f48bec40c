"""What the two requests of OpenAI's audio API may say: each field is done, or refused by its name; none is ignored."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from voicegate_agent.languages import AUTO, language_code
from voicegate_agent.model_host.protocol import (
    MAX_SPEED,
    MIN_SPEED,
    InvalidRequestError,
    ModelKind,
    ModelNotFoundError,
)

MAX_SPEECH_CHARACTERS = 20_000

MODELS: Mapping[ModelKind, tuple[str, ...]] = {
    ModelKind.ASR: ("asr", "whisper-1", "gpt-transcribe", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"),
    ModelKind.TTS: ("tts", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"),
}
"""The names under which clients ask for the one model of each kind; OpenAI's may have a date behind them."""

VOICES = (
    *("default", "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
    *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
)
"""The names under which clients ask for the one voice: OpenAI's, because its clients have no other."""

_DATE = re.compile(r"-\d{4}-\d\d-\d\d$")
_SPEECH_FIELDS = ("model", "voice", "input", "response_format", "speed", "stream_format", "sample_rate")
_TRANSCRIPTION_FIELDS = (
    *("model", "file", "language", "languages", "response_format", "stream"),
    *("temperature", "timestamp_granularities", "chunking_strategy"),
)


class AnswerFormat(StrEnum):
    """How a transcript is written."""

    JSON = "json"
    TEXT = "text"
    VERBOSE_JSON = "verbose_json"


class SpeechFormat(StrEnum):
    """How speech is sent."""

    MP3 = "mp3"
    OPUS = "opus"
    AAC = "aac"
    FLAC = "flac"
    WAV = "wav"
    PCM = "pcm"


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """A sound file to transcribe; `language` None means the host's, `auto` that the model finds out."""

    file: bytes
    model: str = ModelKind.ASR
    language: str | None = None
    answer_format: AnswerFormat = AnswerFormat.JSON
    stream: bool = False

    @classmethod
    def from_form(cls, form: Mapping[str, Sequence[str | bytes]]) -> Self:
        """Read and check a form; raises InvalidRequestError naming the field that cannot be done."""
        file = _first(form, "file")
        if not isinstance(file, bytes):
            raise InvalidRequestError('expected a multipart form with the sound file as "file"', param="file")
        texts = {name: [str(value) for value in values if value] for name, values in form.items()}
        _refuse_others(_TRANSCRIPTION_FIELDS, {name: values for name, values in texts.items() if values})
        _one_of("timestamp_granularities", texts, ("segment",), several=True)
        _one_of("chunking_strategy", texts, ("auto",))
        _one_of("temperature", texts, ("0", "0.0"))
        languages = [*texts.get("language", ()), *texts.get("languages", ())]
        answer_format = _one_of("response_format", texts, tuple(AnswerFormat)) or AnswerFormat.JSON
        stream = _one_of("stream", texts, ("true", "false", "True", "False")) or "false"
        if stream.lower() == "true" and answer_format != AnswerFormat.JSON:
            raise InvalidRequestError("with stream=true response_format can only be json", param="stream")
        return cls(
            file,
            str(_first(texts, "model") or ModelKind.ASR),
            _language(languages),
            AnswerFormat(answer_format),
            stream.lower() == "true",
        )


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A text to speak; `speed` None means the host's, `sample_rate_hz` None what goes with the format."""

    text: str
    model: str = ModelKind.TTS
    voice: str = "default"
    response_format: SpeechFormat = SpeechFormat.MP3
    speed: float | None = None
    sample_rate_hz: int | None = None
    events: bool = False

    @classmethod
    def from_json(cls, body: object) -> Self:
        """Read and check a request; raises InvalidRequestError naming the field that cannot be done."""
        if not isinstance(body, Mapping) or not isinstance(body.get("input"), str):
            raise InvalidRequestError(
                'expected a JSON object with the text to speak as "input"', param="input"
            )
        given = {name: value for name, value in body.items() if value not in (None, "")}
        _refuse_others(_SPEECH_FIELDS, given)
        text = body["input"]
        if len(text) > MAX_SPEECH_CHARACTERS:
            message = f"input has {len(text)} characters; at most {MAX_SPEECH_CHARACTERS} are spoken at once"
            raise InvalidRequestError(message, param="input")
        texts = {name: [value] for name, value in given.items()}
        voice = given.get("voice", "default")
        return cls(
            text,
            str(given.get("model", ModelKind.TTS)),
            str(voice.get("id") if isinstance(voice, Mapping) else voice),
            SpeechFormat(_one_of("response_format", texts, tuple(SpeechFormat)) or SpeechFormat.MP3),
            _speed(given.get("speed")),
            _sample_rate(given.get("sample_rate")),
            _one_of("stream_format", texts, ("audio", "sse")) == "sse",
        )


def require_model(wanted: str, kind: ModelKind, own_name: str) -> None:
    """Raise ModelNotFoundError unless this is a name of the model of a kind."""
    known = (*MODELS[kind], own_name)
    if wanted not in known and _DATE.sub("", wanted) not in known:
        message = (
            f"model is {wanted!r}; this host has {own_name!r} for this, also called {', '.join(MODELS[kind])}"
        )
        raise ModelNotFoundError(message, param="model")


def require_voice(wanted: str, own_names: Sequence[str]) -> None:
    """Raise InvalidRequestError unless this is a name of the one voice."""
    if wanted not in VOICES and wanted not in own_names:
        message = (
            f"voice is {wanted!r}; this host has one voice, called {' or '.join(own_names)} or by any of "
            f"OpenAI's names"
        )
        raise InvalidRequestError(message, param="voice")


def _refuse_others(known: Sequence[str], given: Mapping[str, object]) -> None:
    for name in given:
        if name not in known:
            message = f"this host does nothing with {name!r}; leave it out. It takes {', '.join(known)}"
            raise InvalidRequestError(message, param=name)


def _first(form: Mapping[str, Sequence[Any]], name: str) -> Any:  # noqa: ANN401 - a form has bytes and texts
    return next(iter(form.get(name, ())), None)


def _one_of(
    name: str, texts: Mapping[str, Sequence[Any]], expected: Sequence[str], *, several: bool = False
) -> str | None:
    values = texts.get(name, ())
    if any(value not in expected for value in values) or (len(values) > 1 and not several):
        found = ", ".join(map(repr, values))
        raise InvalidRequestError(f"{name} is {found}; this host does {', '.join(expected)}", param=name)
    return str(values[0]) if values else None


def _language(wanted: Sequence[str]) -> str | None:
    """Read the one language that a request names; several may be spoken only where the model finds out."""
    if not wanted:
        return None
    try:
        codes = {language_code(text) for text in wanted}
    except ValueError as error:
        raise InvalidRequestError(str(error), param="language") from None
    if len(codes) > 1:
        message = f"languages are {', '.join(sorted(codes))}; expected one, or {AUTO}"
        raise InvalidRequestError(message, param="languages")
    return codes.pop()


def _speed(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and MIN_SPEED <= value <= MAX_SPEED:
        return float(value)
    message = f"speed is {value!r}; expected a number from {MIN_SPEED} to {MAX_SPEED}"
    raise InvalidRequestError(message, param="speed")


def _sample_rate(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and 8_000 <= value <= 48_000:
        return value
    message = f"sample_rate is {value!r}; expected a whole number of Hz from 8000 to 48000"
    raise InvalidRequestError(message, param="sample_rate")
