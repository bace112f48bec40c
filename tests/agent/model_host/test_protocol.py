"""Addresses, values and errors survive the way over the wire, and nonsense is refused in plain words."""

import pytest
from voicegate_agent.model_host.protocol import (
    HostAddress,
    HostOverloadedError,
    InvalidRequestError,
    Load,
    ModelHostError,
    ModelLoadError,
    SpeechFormat,
    SpeechRequest,
    Transcript,
    error_from_reply,
)


@pytest.mark.parametrize("text", ["unix:/run/host.sock", "http://10.0.0.7:8080", "https://speech.example"])
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    """Reading and writing an address gives the same text."""
    assert str(HostAddress.parse(text)) == text


def test_an_openai_base_url_is_an_address_too() -> None:
    """The `/v1` that OpenAI's clients want is left out, because the paths carry it."""
    assert HostAddress.parse("http://10.0.0.7:8080/v1/").base_url == "http://10.0.0.7:8080"


@pytest.mark.parametrize("text", ["", "10.0.0.7:8080", "unix:relative.sock", "ftp://x"])
def test_a_bad_address_is_refused(text: str) -> None:
    """Anything else is refused with the two forms that are expected."""
    with pytest.raises(ValueError, match=r"http://host:port or unix:/path"):
        HostAddress.parse(text)


@pytest.mark.parametrize("error", [InvalidRequestError("a"), HostOverloadedError("b"), ModelLoadError("c")])
def test_an_error_keeps_its_class_and_message(error: ModelHostError) -> None:
    """The client raises what the host raised."""
    back = error_from_reply(error.status, error.to_json())
    assert (type(back), str(back)) == (type(error), str(error))


@pytest.mark.parametrize(
    ("status", "expected"), [(400, InvalidRequestError), (429, HostOverloadedError), (500, ModelHostError)]
)
def test_another_servers_error_is_read_by_its_status(status: int, expected: type[ModelHostError]) -> None:
    """A server that does not know our codes still gives the right class and its own words."""
    back = error_from_reply(status, {"error": {"message": "no", "code": "whatever"}})
    assert (type(back), str(back)) == (expected, "no")


def test_an_error_without_a_body_names_its_status() -> None:
    """An empty error page is still an error that says something."""
    assert "502" in str(error_from_reply(502, ""))


def test_a_transcript_needs_only_its_text() -> None:
    """OpenAI's plain answer is enough, and fields of others are ignored."""
    assert Transcript.from_json({"text": "seven", "usage": {}}) == Transcript("seven")


def test_values_survive_the_wire() -> None:
    """What is read back equals what was sent."""
    transcript = Transcript("seven", duration_s=1.5, fitted=True, batch_size=3)
    load = Load(2**47, fresh=True, name="model", sample_rate_hz=16_000)
    assert Transcript.from_json(transcript.to_json()) == transcript
    assert Load.from_json(load.to_json()) == load


def test_silence_has_no_segment() -> None:
    """In the verbose format, an utterance without words has no segments."""
    assert Transcript("").to_verbose_json()["segments"] == []


def test_a_speech_request_has_openais_defaults() -> None:
    """Only the text is required; model and voice are accepted whatever they are."""
    request = SpeechRequest.from_json({"model": "tts-1", "voice": "alloy", "input": "hello"})
    assert request == SpeechRequest("hello", SpeechFormat.WAV, None, None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "input"),
        ({}, "input"),
        ({"input": 7}, "input"),
        ({"input": "x" * 20_001}, "20001 characters"),
        ({"input": "x", "response_format": "mp3"}, "speaks pcm and wav"),
        ({"input": "x", "speed": 4.1}, "0.25 to 4.0"),
        ({"input": "x", "speed": "fast"}, "speed is 'fast'"),
        ({"input": "x", "sample_rate": 7_999}, "8000 to 48000"),
        ({"input": "x", "sample_rate": 1e9}, "8000 to 48000"),
    ],
)
def test_a_bad_speech_request_is_refused(body: object, reason: str) -> None:
    """The refusal names the field, what was seen and what is expected."""
    with pytest.raises(InvalidRequestError, match=reason):
        SpeechRequest.from_json(body)
