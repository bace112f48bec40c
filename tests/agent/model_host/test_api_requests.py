"""What a request may say: all of it is done, or refused by the name of the field."""

from typing import Any

import pytest
from voicegate_agent.model_host.api_requests import (
    AnswerFormat,
    SpeechFormat,
    SpeechRequest,
    TranscriptionRequest,
    require_model,
    require_voice,
)
from voicegate_agent.model_host.protocol import InvalidRequestError, ModelKind, ModelNotFoundError


def test_a_speech_request_has_openais_defaults() -> None:
    """Only the text is required, and what names no format is MP3."""
    request = SpeechRequest.from_json({"model": "tts-1", "voice": "alloy", "input": "hello"})
    assert request == SpeechRequest("hello", "tts-1", "alloy", SpeechFormat.MP3, None, None)


def test_what_is_empty_counts_as_not_given() -> None:
    """Clients send nulls and empty texts for what they do not mean."""
    nothing = {"instructions": "", "speed": None, "stream_format": None, "voice": None}
    assert SpeechRequest.from_json({"input": "hello", **nothing}) == SpeechRequest("hello")
    form: dict[str, list[str | bytes]] = {"file": [b"x"], "prompt": [""], "language": [""]}
    assert TranscriptionRequest.from_form(form) == TranscriptionRequest(b"x")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "input"),
        ({}, "input"),
        ({"input": 7}, "input"),
        ({"input": "x" * 20_001}, "20001 characters"),
        ({"input": "x", "response_format": "midi"}, "response_format is 'midi'; this host does mp3, opus"),
        ({"input": "x", "response_format": ["mp3"]}, "response_format"),
        ({"input": "x", "speed": 4.1}, "0.25 to 4.0"),
        ({"input": "x", "speed": "fast"}, "speed is 'fast'"),
        ({"input": "x", "sample_rate": 7_999}, "8000 to 48000"),
        ({"input": "x", "sample_rate": 1e9}, "8000 to 48000"),
        ({"input": "x", "instructions": "whisper"}, "does nothing with 'instructions'"),
        ({"input": "x", "stream_format": "mp3"}, "stream_format is 'mp3'"),
    ],
)
def test_a_bad_speech_request_is_refused(body: object, reason: str) -> None:
    """The refusal names the field, what was seen and what is expected."""
    with pytest.raises(InvalidRequestError, match=reason):
        SpeechRequest.from_json(body)


def test_a_transcription_request_is_read() -> None:
    """Languages come as codes, locales or names; lists have brackets in the form, which are gone here."""
    form: dict[str, list[str | bytes]] = {
        "file": [b"x"],
        "model": ["whisper-1"],
        "language": ["de-DE"],
        "languages": ["German"],
        "response_format": ["verbose_json"],
        "timestamp_granularities": ["segment"],
        "temperature": ["0"],
        "chunking_strategy": ["auto"],
        "stream": ["false"],
    }
    request = TranscriptionRequest.from_form(form)
    assert request == TranscriptionRequest(b"x", "whisper-1", "de", AnswerFormat.VERBOSE_JSON)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("language", ["xx"], "'xx' is no language"),
        ("languages", ["en", "de"], "expected one"),
        ("response_format", ["srt"], "does json, text, verbose_json"),
        ("timestamp_granularities", ["segment", "word"], "does segment"),
        ("temperature", ["0.4"], "temperature is '0.4'"),
        ("prompt", ["names"], "does nothing with 'prompt'"),
        ("keywords", ["a", "b"], "does nothing with 'keywords'"),
        ("include", ["logprobs"], "does nothing with 'include'"),
        ("chunking_strategy", ["server_vad"], "does auto"),
        ("vad_filter", ["true"], "does nothing with 'vad_filter'"),
        ("file", ["text"], 'as "file"'),
    ],
)
def test_a_bad_transcription_request_is_refused(field: str, value: list[str], reason: str) -> None:
    """Nothing that was asked for is left out without a word."""
    form: dict[str, Any] = {"file": [b"x"], field: value}
    with pytest.raises(InvalidRequestError, match=reason) as error:
        TranscriptionRequest.from_form(form)
    assert error.value.param == field


def test_events_are_json() -> None:
    """A stream cannot be plain text as well."""
    with pytest.raises(InvalidRequestError, match="only be json"):
        TranscriptionRequest.from_form({"file": [b"x"], "stream": ["true"], "response_format": ["text"]})


@pytest.mark.parametrize("name", ["tts", "tts-1", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15", "own"])
def test_a_model_has_many_names(name: str) -> None:
    """Clients cannot always choose what they ask for."""
    require_model(name, ModelKind.TTS, "own")


def test_another_model_is_not_found() -> None:
    """The refusal says what there is."""
    with pytest.raises(ModelNotFoundError, match=r"model is 'whisper-1'; this host has 'own'.* tts-1"):
        require_model("whisper-1", ModelKind.TTS, "own")


def test_another_voice_is_refused() -> None:
    """One voice speaks under its own names and OpenAI's, and under no other."""
    require_voice("alloy", ["joe"])
    require_voice("joe", ["joe"])
    with pytest.raises(InvalidRequestError, match="voice is 'anna'; this host has one voice, called joe"):
        require_voice("anna", ["joe"])
