"""Addresses, values and errors survive the way over the wire, and nonsense is refused in plain words."""

import pytest
from voicegate_agent.model_host.protocol import (
    HostAddress,
    HostOverloadedError,
    InvalidRequestError,
    LoadedModel,
    ModelHostError,
    ModelLoadError,
    Transcript,
    error_from_reply,
    joined,
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
    load = LoadedModel(2**47, fresh=True, name="model", sample_rate_hz=16_000)
    assert Transcript.from_json(transcript.to_json()) == transcript
    assert LoadedModel.from_json(load.to_json()) == load


def test_silence_has_no_segment() -> None:
    """In the verbose format, an utterance without words has no segments."""
    assert Transcript("").to_verbose_json()["segments"] == []


def test_a_long_recording_is_one_text_with_its_units_as_segments() -> None:
    """The text of all, the figures of the least sure, times from the beginning of the recording."""
    units = [
        Transcript("one two", "de", 14.0, -0.1, fitted=True, waited_s=1, compute_s=2),
        Transcript("", "de", 10.0, no_speech_prob=1.0),
        Transcript("three", "de", 6.0, -0.5, fitted=True, waited_s=1, compute_s=2),
    ]
    whole = joined(units)
    assert (whole.text, whole.duration_s, whole.avg_logprob) == ("one two three", 30.0, -0.5)
    assert (whole.waited_s, whole.compute_s, whole.fitted) == (2, 4, True)
    verbose = whole.to_verbose_json()
    assert verbose["language"] == "german"
    assert [(one["id"], one["start"], one["end"]) for one in verbose["segments"]] == [
        (0, 0.0, 14.0),
        (1, 24.0, 30.0),
    ]
    assert "units" not in whole.to_json()
