"""The HTTP interface over models that compute nothing: statuses, formats, what reaches the log."""

import asyncio
import io
import logging
import threading
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import numpy as np
import pytest
from fakes.silent_hosts import Client, client_of, host_of, upload
from fakes.speech_engines import FakeAsrEngine, FakeTtsEngine
from voicegate_agent.model_host import server
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import ModelKind, ModelLoadError
from voicegate_agent.model_host.server import ModelHost
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.wav import wav_from_pcm


class BreakingEngine(FakeTtsEngine):
    """Breaks after the first piece."""

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak once."""
        yield b"\x01\x00"
        raise RuntimeError("broken")


class HalfSecondEngine(FakeTtsEngine):
    """Speaks half a second."""

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak."""
        yield bytes(16_000)


class HaltingEngine(FakeTtsEngine):
    """Speaks without end."""

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak for ever."""
        try:
            while True:
                self.made += 1
                yield bytes(65_536)
        finally:
            self.ended.set()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Talk to a host whose models compute nothing."""
    client = await client_of(host_of())
    yield client
    await client.close()


async def test_speech_becomes_text(client: Client) -> None:
    """The plain answer has OpenAI's `text` and our figures."""
    reply = await client.post("/v1/audio/transcriptions", data=upload(model="whisper-1"))
    body = await reply.json()
    assert (reply.status, body["text"], body["fitted"], body["duration_s"]) == (200, "seven", True, 1.0)


async def test_speech_becomes_plain_text(client: Client) -> None:
    """The format `text` is the words and a line end."""
    reply = await client.post("/v1/audio/transcriptions", data=upload(response_format="text"))
    assert await reply.text() == "seven\n"


async def test_speech_becomes_verbose_json(client: Client) -> None:
    """The format `verbose_json` has one segment with Whisper's figures."""
    reply = await client.post("/v1/audio/transcriptions", data=upload(response_format="verbose_json"))
    body = await reply.json()
    assert (body["text"], body["duration"], len(body["segments"])) == ("seven", 1.0, 1)


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        ({}, "pl"),
        ({"language": ""}, "pl"),
        ({"language": "de"}, "de"),
        ({"language": "de-DE"}, "de"),
        ({"language": "German"}, "de"),
        ({"language": "auto"}, None),
    ],
)
async def test_the_language_is_the_requests_or_the_hosts(asked: dict[str, str], heard: str | None) -> None:
    """A code, a locale or a name; `auto` lets the model find out; the host's own where a request says nothing."""
    noise = np.random.default_rng(0).integers(-900, 900, 16_000, np.int16)
    engine = FakeAsrEngine()
    client = await client_of(host_of(asr=engine, language="pl"))
    form = upload(wav_from_pcm(noise.tobytes(), 16_000), **asked)
    assert (await client.post("/v1/audio/transcriptions", data=form)).status == 200
    assert engine.batches[0][0].language == heard
    await client.close()


@pytest.mark.parametrize(("asked", "speed"), [({}, 1.5), ({"speed": 0.5}, 0.5)])
async def test_the_speed_is_the_requests_or_the_hosts(asked: dict[str, Any], speed: float) -> None:
    """A request that says nothing is spoken as the host was told to."""
    engine = FakeTtsEngine()
    client = await client_of(host_of(engine, speed=1.5))
    reply = await client.post("/v1/audio/speech", json={"input": "hello", **asked})
    await reply.read()
    assert engine.speeds == [speed]
    await client.close()


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (upload(language="xx"), "'xx' is no language that Whisper knows"),
        (upload(b"no sound"), "is not audio"),
        (upload(b""), "is empty"),
        (upload(response_format="srt"), "json, text, verbose_json"),
        (upload(prompt="Anna"), "does nothing with 'prompt'"),
        (aiohttp.FormData({"model": "whisper-1"}), 'as "file"'),
    ],
)
async def test_a_bad_upload_is_refused(client: Client, form: aiohttp.FormData, reason: str) -> None:
    """What is wrong is told in OpenAI's error shape with status 400."""
    reply = await client.post("/v1/audio/transcriptions", data=form)
    assert reply.status == 400
    error = (await reply.json())["error"]
    assert reason in error["message"]
    assert error["type"] == "invalid_request_error"


async def _chunked() -> AsyncIterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    for _ in range(26):
        yield bytes(2**20)
    yield b"\r\n--x--\r\n"


MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("request_of", "reason"),
    [
        (lambda: {"data": upload(bytes(27 * 2**20))}, "larger than 26214400 bytes"),
        (lambda: {"data": _chunked(), "headers": MULTIPART}, "larger than 26214400 bytes"),
        (lambda: {"data": upload(wav_from_pcm(bytes(16_000 * 301), 8_000))}, "longer than 300 s"),
    ],
    ids=["bytes, as its length says", "bytes, without a length", "seconds"],
)
async def test_a_huge_upload_is_refused(
    client: Client, request_of: Callable[[], dict[str, Any]], reason: str
) -> None:
    """More than 25 MiB is not collected, more than five minutes are not decoded; both are 413 in OpenAI's shape."""
    reply = await client.post("/v1/audio/transcriptions", **request_of())
    error = (await reply.json())["error"]
    assert reason in error["message"]
    told = (reply.status, error["type"], error["code"], error["param"])
    assert told == (413, "invalid_request_error", "upload_too_large", "file")


async def test_text_becomes_samples(client: Client) -> None:
    """At the voice's own rate the engine's samples come as they are, and say their rate."""
    body = {"input": "one two", "response_format": "pcm", "sample_rate": 16_000}
    reply = await client.post("/v1/audio/speech", json=body)
    assert reply.headers["Content-Type"] == "audio/pcm;rate=16000;channels=1"
    assert await reply.read() == b"\x01\x00\x02\x00" * 2


async def test_samples_have_openais_rate_unless_asked_otherwise() -> None:
    """A stock client takes headerless samples for 24 kHz, so that is what it gets."""
    client = await client_of(host_of(HalfSecondEngine()))
    reply = await client.post("/v1/audio/speech", json={"input": "one", "response_format": "pcm"})
    assert len(await reply.read()) == pytest.approx(24_000, abs=200)
    await client.close()


async def test_text_becomes_a_wav_file(client: Client) -> None:
    """A WAV has the voice's own rate."""
    reply = await client.post("/v1/audio/speech", json={"input": "one two", "response_format": "wav"})
    assert reply.content_type == "audio/wav"
    with wave.open(io.BytesIO(await reply.read())) as file:
        assert (file.getframerate(), file.readframes(99)) == (16_000, b"\x01\x00\x02\x00" * 2)


async def test_nothing_to_say_is_an_empty_answer(client: Client) -> None:
    """A text without words is no error."""
    reply = await client.post("/v1/audio/speech", json={"input": " ", "response_format": "pcm"})
    assert (reply.status, await reply.read()) == (200, b"")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"input": "x", "speed": 99}', b"\xff"])
async def test_a_bad_speech_request_is_refused(client: Client, body: bytes) -> None:
    """What is wrong is told with status 400."""
    reply = await client.post("/v1/audio/speech", data=body)
    assert (reply.status, (await reply.json())["error"]["code"]) == (400, "invalid_request")


async def test_the_first_load_is_fresh(client: Client) -> None:
    """Whoever asks first is told that it was loaded for him, and all are told the same number."""
    for kind, rate_hz in (("asr", 16_000), ("tts", 16_000)):
        first = await (await client.post(f"/v1/models/{kind}/load")).json()
        again = await (await client.post(f"/v1/models/{kind}/load")).json()
        assert (first["fresh"], again["fresh"], first["sample_rate_hz"]) == (True, False, rate_hz)
        assert first["id"] == again["id"]


async def test_an_unknown_model_is_refused(client: Client) -> None:
    """Only the two kinds can be loaded."""
    reply = await client.post("/v1/models/llm/load")
    assert (reply.status, "asr or tts" in await reply.text()) == (400, True)


async def test_a_model_that_cannot_be_loaded_is_an_error_to_its_caller(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The message names the file, the log has it once, and the next request does not try again at once."""
    attempts = []

    def fail() -> TranscriptionQueue:
        attempts.append(1)
        raise ModelLoadError("/models/model.bin is missing")

    client = await client_of(ModelHost(fail, lambda: SpeechStreams(FakeTtsEngine()), HostMetrics()))
    for _ in range(2):
        reply = await client.post("/v1/audio/transcriptions", data=upload())
        assert (reply.status, "/models/model.bin" in await reply.text()) == (503, True)
    assert reply.headers["Retry-After"] == "5"
    assert len(attempts) == 1
    assert caplog.messages == ["/models/model.bin is missing"]
    await client.close()


async def test_the_two_models_are_listed(client: Client) -> None:
    """The list has OpenAI's shape."""
    body = await (await client.get("/v1/models")).json()
    assert [model["id"] for model in body["data"]] == ["asr", "tts"]


async def test_requests_are_counted(client: Client) -> None:
    """The metrics have the route and the status, also of what was not found."""
    await client.get("/livez")
    await client.get("/nowhere")
    text = await (await client.get("/metrics")).text()
    assert 'voicegate_requests_total{route="/livez",status="200"} 1.0' in text
    assert 'voicegate_requests_total{route="unknown",status="404"} 1.0' in text


async def test_a_client_that_leaves_stops_the_voice(caplog: pytest.LogCaptureFixture) -> None:
    """An interrupted reply is no longer computed, and no error is logged: it happens in every call."""
    engine = HaltingEngine()
    client = await client_of(host_of(engine))
    caplog.set_level(logging.WARNING)
    reply = await client.post("/v1/audio/speech", json={"input": "x", "response_format": "pcm"})
    await reply.content.readexactly(100)
    reply.close()
    assert await asyncio.to_thread(engine.ended.wait, 10)
    await client.close()
    assert caplog.messages == []


async def test_a_voice_that_breaks_in_mid_sentence_breaks_the_stream() -> None:
    """The client notices that the audio is not complete."""
    client = await client_of(host_of(BreakingEngine()))
    reply = await client.post(
        "/v1/audio/speech", json={"input": "x", "response_format": "pcm", "sample_rate": 16_000}
    )
    with pytest.raises(aiohttp.ClientPayloadError):
        await reply.read()
    await client.close()


async def test_a_host_is_ready_before_and_after_it_loads() -> None:
    """Models are loaded when they are first asked for; one that is being loaded, or cannot be, is not ready."""
    gate = threading.Event()

    def load() -> TranscriptionQueue:
        assert gate.wait(10)
        raise ModelLoadError("model.bin is missing")

    client = await client_of(ModelHost(load, lambda: SpeechStreams(FakeTtsEngine()), HostMetrics()))
    assert (await client.get("/readyz")).status == 200
    await client.post("/v1/models/tts/load")
    load_asr = asyncio.create_task(client.post("/v1/models/asr/load"))
    while (reply := await client.get("/readyz")).status == 200:
        await asyncio.sleep(0)
    assert await reply.json() == {"status": "not ready", "asr": "loading", "tts": "loaded", "turn_wait_s": 0}
    assert (await client.get("/livez")).status == 200
    gate.set()
    await load_asr
    assert (await (await client.get("/readyz")).json())["asr"] == "failed"
    await client.close()


async def test_a_host_that_is_stuck_in_loading_is_not_alive() -> None:
    """Who waits is told, and who watches restarts it; speech comes meanwhile."""
    gate = threading.Event()

    def load() -> TranscriptionQueue:
        assert gate.wait(10)
        raise ModelLoadError("too late")

    longest_s = {ModelKind.ASR: 0.05}
    host = ModelHost(load, lambda: SpeechStreams(FakeTtsEngine()), HostMetrics(), longest_load_s=longest_s)
    client = await client_of(host)
    reply = await client.post("/v1/audio/transcriptions", data=upload())
    assert (reply.status, (await reply.json())["error"]["code"]) == (503, "model_load_error")
    while (reply := await client.get("/livez")).status == 200:
        await asyncio.sleep(0.001)
    assert await reply.json() == {"status": "stuck", "asr": "stuck", "tts": "not loaded"}
    assert (await client.get("/readyz")).status == 503
    assert (await client.post("/v1/audio/speech", json={"input": "one"})).status == 200
    gate.set()
    await client.close()


async def test_readiness_is_proved_by_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """While that hangs there is no answer, and after a minute the host is no longer alive either."""
    monkeypatch.setattr(server, "RECENT_S", 0.0)
    gate = threading.Event()
    engine = FakeAsrEngine(gate=gate)
    client = await client_of(host_of(asr=engine))
    await client.post("/v1/models/asr/load")
    hanging = asyncio.create_task(client.get("/readyz"))
    while not engine.batches:
        await asyncio.sleep(0.001)
    assert (await client.get("/livez")).status == 200
    monkeypatch.setattr(server, "STUCK_S", 0.0)
    assert (await client.get("/livez")).status == 503
    assert not hanging.done()
    gate.set()
    assert (await hanging).status == 200
    await client.close()


async def test_speech_comes_while_speech_to_text_loads() -> None:
    """However many requests wait for the load."""
    gate = threading.Event()

    def load() -> TranscriptionQueue:
        assert gate.wait(10)
        return TranscriptionQueue(FakeAsrEngine(), HostMetrics())

    client = await client_of(ModelHost(load, lambda: SpeechStreams(FakeTtsEngine()), HostMetrics()))
    waiting = [asyncio.create_task(client.post("/v1/audio/transcriptions", data=upload())) for _ in range(50)]
    reply = await client.post("/v1/audio/speech", json={"input": "one", "response_format": "mp3"})
    assert len(await reply.read()) > 0
    assert not any(task.done() for task in waiting)
    gate.set()
    assert {(await task).status for task in waiting} == {200}
    await client.close()
