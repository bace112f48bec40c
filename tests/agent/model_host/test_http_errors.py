"""Whatever is wrong with a request, the answer has the shape that OpenAI's clients read."""

from collections.abc import AsyncIterator

import pytest
from fakes.silent_hosts import SPEECH, Client, client_of, host_of, upload
from fakes.speech_engines import FakeAsrEngine, FakeTtsEngine
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.http_errors import OPEN_PATHS
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import HostOverloadedError, Transcript
from voicegate_agent.model_host.server import ModelHost
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue


class OverloadedRecognizer(TranscriptionQueue):
    """Has too much to do."""

    async def transcribe(self, samples: Samples, language: str | None) -> Transcript:
        """Refuse."""
        raise HostOverloadedError("too much to do", retry_after_s=2.1)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Talk to a host whose models compute nothing."""
    client = await client_of(host_of())
    yield client
    await client.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/audio/voices", 404),
        ("POST", "/v1/audio/translations", 404),
        ("GET", "/v1/audio/speech", 405),
        ("GET", "/v1/models/gpt-4", 404),
    ],
)
async def test_what_is_not_there_is_told_as_json(client: Client, method: str, path: str, status: int) -> None:
    """Paths, methods and models alike."""
    reply = await client.request(method, path)
    error = (await reply.json())["error"]
    assert (reply.status, error["type"]) == (status, "invalid_request_error")
    assert error["message"]
    assert ("Allow" in reply.headers) == (status == 405)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"nothing like it"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx'),
        ("multipart/form-data; boundary=b", b""),
        ("application/json", b"{}"),
    ],
)
async def test_a_broken_form_is_the_clients_mistake(
    client: Client, content_type: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """No error of the host's own, and no line in its log for everybody who can reach it."""
    reply = await client.post("/v1/audio/transcriptions", data=body, headers={"Content-Type": content_type})
    assert (reply.status, "multipart form" in (await reply.json())["error"]["message"]) == (400, True)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_huge_json_body_is_refused(client: Client) -> None:
    """The bound is told in the same shape."""
    reply = await client.post("/v1/audio/speech", data=b" " * (26 * 2**20))
    assert (reply.status, (await reply.json())["error"]["type"]) == (413, "invalid_request_error")


async def test_half_a_character_is_no_error(client: Client) -> None:
    """A client that cuts a text in the middle of a pair sends half of one."""
    body = b'{"input": "Hello \\ud83d", "response_format": "pcm"}'
    reply = await client.post("/v1/audio/speech", data=body)
    assert reply.status == 200


async def test_a_key_is_asked_for_where_there_is_one() -> None:
    """Without it nothing is computed; what watches the host needs none."""
    client = await client_of(host_of(api_key="hush"))
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer hüsh"}):
        reply = await client.post("/v1/audio/speech", json={"input": "x"}, headers=headers)
        assert (reply.status, (await reply.json())["error"]["code"]) == (401, "invalid_api_key")
    key = {"Authorization": "Bearer hush"}
    assert (await client.post("/v1/audio/transcriptions", data=upload(SPEECH), headers=key)).status == 200
    for path in OPEN_PATHS:
        assert (await client.get(path)).status == 200
    await client.close()


async def test_who_comes_too_late_is_told_when_to_come_back() -> None:
    """In the header that OpenAI's clients obey, rounded up."""
    engine = OverloadedRecognizer(FakeAsrEngine(), HostMetrics())
    client = await client_of(ModelHost(lambda: engine, lambda: SpeechStreams(FakeTtsEngine()), HostMetrics()))
    reply = await client.post("/v1/audio/transcriptions", data=upload())
    assert (reply.status, reply.headers["Retry-After"]) == (429, "3")
    await client.close()
