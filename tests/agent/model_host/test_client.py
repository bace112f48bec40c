"""The client against hosts that restart, stall, refuse, or are somebody else's."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from voicegate_agent.model_host.client import RESENDS, ModelHostClient, Timeouts
from voicegate_agent.model_host.protocol import (
    HostAddress,
    HostOverloadedError,
    HostReport,
    InvalidRequestError,
    ModelHostError,
    ModelHostTimeoutError,
    ModelHostUnavailableError,
    ModelKind,
    Transcript,
)
from voicegate_agent.model_host.wav import wav_from_pcm

IMPATIENT = Timeouts(connect_s=1, restart_s=0, load_s=0.2, transcribe_s=0.2, speech_gap_s=0.2)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def scripted_host(path: Path, handler: Handler) -> AsyncIterator[HostAddress]:
    """Answer every request on a socket with one handler."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, path).start()
    try:
        yield HostAddress.parse(f"unix:{path}")
    finally:
        await runner.cleanup()


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    """Give a path for a socket."""
    return tmp_path / "host.sock"


async def test_a_transcript_is_asked_for_the_way_openai_does(socket_path: Path) -> None:
    """The form has a WAV file, a model and the language."""
    seen: dict[str, object] = {}

    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        seen.update(form)
        file = form["file"]
        assert isinstance(file, web.FileField)
        seen["file"] = file.file.read()
        return web.json_response(Transcript("seven", fitted=True).to_json())

    async with scripted_host(socket_path, answer) as address, ModelHostClient(address) as client:
        assert (await client.transcribe(bytes(64), 16_000, "en")).text == "seven"
    assert (seen["language"], seen["model"], seen["response_format"]) == ("en", "asr", "json")
    assert seen["file"] == wav_from_pcm(bytes(64), 16_000)


async def test_half_a_sample_is_refused(socket_path: Path) -> None:
    """An odd number of bytes is the caller's mistake, and is said before anything is sent."""
    async with ModelHostClient(HostAddress.parse(f"unix:{socket_path}"), IMPATIENT) as client:
        with pytest.raises(InvalidRequestError, match="3 bytes"):
            await client.transcribe(bytes(3), 16_000)


async def test_nobody_there_is_unavailable(socket_path: Path) -> None:
    """The error names the address."""
    async with ModelHostClient(HostAddress.parse(f"unix:{socket_path}"), IMPATIENT) as client:
        with pytest.raises(ModelHostUnavailableError, match=str(socket_path)):
            await client.load(ModelKind.ASR)
        assert not await client.is_healthy()


async def test_a_restarting_host_is_waited_for(socket_path: Path) -> None:
    """A request that comes while nobody listens is answered by the next host."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"text": "seven"})

    async with ModelHostClient(HostAddress.parse(f"unix:{socket_path}"), Timeouts(restart_s=10)) as client:
        request = asyncio.create_task(client.transcribe(bytes(2), 16_000))
        await asyncio.sleep(0)
        async with scripted_host(socket_path, answer):
            assert (await request).text == "seven"


async def test_a_lost_connection_is_not_tried_for_ever(socket_path: Path) -> None:
    """A host that dies of a request gets it twice more on a socket, where it remembers; other requests once more."""
    requests = []

    async def die(request: web.Request) -> web.Response:
        requests.append(1)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with (
        scripted_host(socket_path, die) as address,
        ModelHostClient(address, Timeouts(restart_s=10)) as client,
    ):
        with pytest.raises(ModelHostUnavailableError):
            await client.transcribe(bytes(2), 16_000)
        assert len(requests) == 1 + RESENDS
        with pytest.raises(ModelHostUnavailableError):
            await client.load(ModelKind.ASR)
    assert len(requests) == 1 + RESENDS + 2


async def test_a_host_that_hung_before_it_was_ended_is_asked_again(socket_path: Path) -> None:
    """The time for its restart begins when it is gone: the hang before that was longer."""
    restart_s = 0.2
    asked = []

    async def hang_and_go(request: web.Request) -> web.Response:
        asked.append(time.monotonic())
        while len(asked) == 1:
            if time.monotonic() > asked[0] + 2 * restart_s:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            await asyncio.sleep(0.01)
        return web.json_response({"text": "seven"})

    timeouts = Timeouts(restart_s=restart_s)
    async with (
        scripted_host(socket_path, hang_and_go) as address,
        ModelHostClient(address, timeouts) as client,
    ):
        assert (await client.transcribe(bytes(64), 16_000)).text == "seven"


async def test_a_host_that_stalls_times_out(socket_path: Path) -> None:
    """No request waits for ever."""

    async def stall(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    async with scripted_host(socket_path, stall) as address, ModelHostClient(address, IMPATIENT) as client:
        with pytest.raises(ModelHostTimeoutError, match="in time"):
            await client.transcribe(bytes(2), 16_000)
        with pytest.raises(ModelHostTimeoutError):
            await client.load(ModelKind.TTS)
        with pytest.raises(ModelHostTimeoutError):
            await anext(client.speak("x", 16_000))


async def test_a_turn_has_one_deadline_for_all_tries(socket_path: Path) -> None:
    """Waiting for a host to come back counts too; a turn that lasted longer may take as long as it lasted."""
    patient = Timeouts(restart_s=60, transcribe_s=0.2)
    async with ModelHostClient(HostAddress.parse(f"unix:{socket_path}"), patient) as client:
        for duration_s, least_s in ((0.1, 0.2), (0.5, 0.5)):
            started_s = time.monotonic()
            with pytest.raises(ModelHostTimeoutError):
                await client.transcribe(bytes(round(32_000 * duration_s)), 16_000)
            assert least_s <= time.monotonic() - started_s < 5


async def test_a_key_is_sent_as_openais_clients_do(socket_path: Path) -> None:
    """With every request."""
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.json_response({"text": "seven"})

    async with scripted_host(socket_path, answer) as address:
        for key in (None, "hush"):
            async with ModelHostClient(address, IMPATIENT, api_key=key) as client:
                await client.transcribe(bytes(2), 16_000)
    assert seen == [None, "Bearer hush"]


async def test_asking_for_the_models_tells_working_from_hanging(socket_path: Path) -> None:
    """A host that loads answers, if only that it is not ready; one that hangs says nothing, which is an error."""
    status = 503

    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/readyz"
        if not status:
            await asyncio.sleep(60)
        return web.Response(status=status)

    async with scripted_host(socket_path, answer) as address, ModelHostClient(address, IMPATIENT) as client:
        assert await client.report(1) == HostReport()
        status = 0
        with pytest.raises(ModelHostTimeoutError):
            await client.report(0.1)


async def test_a_stream_that_stalls_times_out(socket_path: Path) -> None:
    """Speech that stops coming in the middle is an error, not a silence."""

    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"ab")
        await asyncio.sleep(60)
        return response

    async with scripted_host(socket_path, stall) as address, ModelHostClient(address, IMPATIENT) as client:
        speech = client.speak("x", 16_000)
        assert await anext(speech) == b"ab"
        with pytest.raises(ModelHostTimeoutError):
            await anext(speech)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, '{"error": {"message": "no sound"}}', InvalidRequestError),
        (429, '{"error": {"message": "later"}}', HostOverloadedError),
        (502, "<html>", ModelHostError),
        (200, "<html>", ModelHostError),
        (200, "{}", ModelHostError),
        (200, "[]", ModelHostError),
    ],
)
async def test_errors_and_nonsense_are_errors(
    socket_path: Path, status: int, body: str, expected: type[ModelHostError]
) -> None:
    """Whatever a server answers, the caller gets a ModelHostError."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    async with scripted_host(socket_path, answer) as address, ModelHostClient(address, IMPATIENT) as client:
        with pytest.raises(expected):
            await client.transcribe(bytes(2), 16_000)


async def test_somebody_elses_server_will_do(socket_path: Path) -> None:
    """A server that cannot load on request is one instance, with OpenAI's rate and no extra fields; it detects by itself."""
    bodies = []
    forms = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/audio/speech":
            bodies.append(json.loads(await request.text()))
            return web.Response(body=b"abcd")
        if request.path == "/v1/audio/transcriptions":
            forms.append(await request.read())
            return web.json_response({"text": "hello"})
        return web.Response(status=404)

    async with (
        scripted_host(socket_path, answer) as address,
        ModelHostClient(address, IMPATIENT, voice="anna") as client,
    ):
        first, again = await client.load(ModelKind.TTS), await client.load(ModelKind.TTS)
        assert (first, first.fresh, first.sample_rate_hz) == (again, False, 24_000)
        assert (await client.load(ModelKind.ASR)).id != first.id
        speech = [piece async for piece in client.speak("hello", first.sample_rate_hz)]
        await client.transcribe(bytes(2), 16_000, "auto")
    assert b"".join(speech) == b"abcd"
    assert bodies[0] == {"model": "tts", "voice": "anna", "input": "hello", "response_format": "pcm"}
    assert b'"language"' not in forms[0]
