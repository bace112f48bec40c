"""The host's HTTP interface: OpenAI's audio API over the two shared models, and a little more."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from voicegate_agent.languages import AUTO, language_code
from voicegate_agent.model_host.decoding import decode_upload
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import (
    ASR_SAMPLE_RATE_HZ,
    MAX_UPLOAD_BYTES,
    OPENAI_PCM_SAMPLE_RATE_HZ,
    InvalidRequestError,
    Load,
    ModelHostError,
    ModelKind,
    SpeechFormat,
    SpeechRequest,
    pcm_content_type,
)
from voicegate_agent.model_host.recognizer import Recognizer
from voicegate_agent.model_host.resampling import resampled
from voicegate_agent.model_host.shared_instances import (
    SharedInstance,
    get_shared_asr_model,
    get_shared_tts_engine,
)
from voicegate_agent.model_host.speaker import Speaker
from voicegate_agent.model_host.wav import streaming_wav_header

logger = logging.getLogger("voicegate_agent.model_host")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class ModelHost:
    """What the handlers share: how to load the models, the figures, and what counts where a request says nothing.

    `load_asr` and `load_tts` block and run in a thread, at most once until they succeed.
    """

    load_asr: Callable[[], Recognizer]
    load_tts: Callable[[], Speaker]
    metrics: HostMetrics
    language: str | None = "en"
    speed: float = 1.0

    async def asr(self) -> tuple[SharedInstance[Recognizer], bool]:
        """Give the shared speech-to-text model, loading it if this is the first use."""
        instance, fresh = await asyncio.to_thread(get_shared_asr_model, self.load_asr)
        self._count_load(ModelKind.ASR, fresh)
        return instance, fresh

    async def tts(self) -> tuple[SharedInstance[Speaker], bool]:
        """Give the shared text-to-speech engine, loading it if this is the first use."""
        instance, fresh = await asyncio.to_thread(get_shared_tts_engine, self.load_tts)
        self._count_load(ModelKind.TTS, fresh)
        return instance, fresh

    def _count_load(self, kind: ModelKind, fresh: bool) -> None:
        if fresh:
            self.metrics.loads.labels(kind).inc()


HOST = web.AppKey("host", ModelHost)
_STREAMING = web.RequestKey("streaming", bool)
_CLIENT_LEFT = web.RequestKey("client left", bool)


def build_app(host: ModelHost) -> web.Application:
    """Lay out the routes; the handlers find `host` in the application."""
    app = web.Application(client_max_size=MAX_UPLOAD_BYTES, middlewares=[_answer_errors])
    app[HOST] = host
    app.router.add_post("/v1/audio/transcriptions", transcribe)
    app.router.add_post("/v1/audio/speech", speak)
    app.router.add_get("/v1/models", list_models)
    app.router.add_post("/v1/models/{kind}/load", load_model)
    app.router.add_get("/healthz", answer_health)
    app.router.add_get("/metrics", show_metrics)
    return app


async def transcribe(request: web.Request) -> web.StreamResponse:
    """`POST /v1/audio/transcriptions`: a sound file to its text."""
    form = await _read_form(request)
    file = form.get("file")
    if not isinstance(file, bytes):
        raise InvalidRequestError('expected a multipart form with the sound file as "file"')
    answer_format = str(form.get("response_format", "json"))
    if answer_format not in ("json", "text", "verbose_json"):
        message = f"response_format is {answer_format!r}; this host answers json, text and verbose_json"
        raise InvalidRequestError(message)
    host = request.app[HOST]
    samples = await asyncio.to_thread(decode_upload, file)
    instance, _ = await host.asr()
    transcript = await instance.model.transcribe(samples, _language(form.get("language"), host.language))
    if answer_format == "text":
        return web.Response(text=f"{transcript.text}\n")
    body = transcript.to_verbose_json() if answer_format == "verbose_json" else transcript.to_json()
    return web.json_response(body)


def _language(wanted: str | bytes | None, usual: str | None) -> str | None:
    """Read what a request says about the language; None means that the model finds out."""
    if not wanted:
        return usual
    try:
        code = language_code(str(wanted))
    except ValueError as error:
        raise InvalidRequestError(str(error)) from None
    return None if code == AUTO else code


async def speak(request: web.Request) -> web.StreamResponse:
    """`POST /v1/audio/speech`: a text to audio, sent as it is made; a client that leaves stops it."""
    started_s = time.monotonic()
    wanted = SpeechRequest.from_json(await _read_json(request))
    host = request.app[HOST]
    instance, _ = await host.tts()
    voice = instance.model
    rate_hz = wanted.sample_rate_hz or _usual_rate(wanted.response_format, voice)
    async with (
        aclosing(voice.speak(wanted.text, wanted.speed or host.speed)) as speech,
        aclosing(resampled(speech, voice.sample_rate_hz, rate_hz)) as audio,
    ):
        first = await anext(audio, b"")
        host.metrics.tts_first_audio_s.observe(time.monotonic() - started_s)
        response = await _begin_audio(request, wanted.response_format, rate_hz)
        sent_bytes = 0
        try:
            await response.write(first)
            sent_bytes += len(first)
            async for piece in audio:
                await response.write(piece)
                sent_bytes += len(piece)
            await response.write_eof()
        except ConnectionError:  # it happens in mid-sentence all the time: the caller spoke
            request[_CLIENT_LEFT] = True
    host.metrics.tts_audio_s.inc(sent_bytes / 2 / rate_hz)
    return response


async def list_models(_: web.Request) -> web.StreamResponse:
    """`GET /v1/models`: the two models under the names a request may use for them."""
    data = [
        {"id": kind.value, "object": "model", "created": 0, "owned_by": "voicegate"} for kind in ModelKind
    ]
    return web.json_response({"object": "list", "data": data})


async def load_model(request: web.Request) -> web.StreamResponse:
    """`POST /v1/models/{asr|tts}/load`: have the model loaded, and say which instance it is."""
    host = request.app[HOST]
    match request.match_info["kind"]:
        case ModelKind.ASR:
            asr, fresh = await host.asr()
            load = Load(asr.id, fresh, asr.model.name, ASR_SAMPLE_RATE_HZ)
        case ModelKind.TTS:
            tts, fresh = await host.tts()
            load = Load(tts.id, fresh, tts.model.name, tts.model.sample_rate_hz)
        case other:
            message = f"there is no model {other!r}; expected {' or '.join(ModelKind)}"
            raise InvalidRequestError(message)
    return web.json_response(load.to_json())


async def answer_health(_: web.Request) -> web.StreamResponse:
    """`GET /healthz`: the host answers."""
    return web.json_response({"status": "ok"})


async def show_metrics(request: web.Request) -> web.StreamResponse:
    """`GET /metrics`: the host's figures in Prometheus' text format."""
    body = request.app[HOST].metrics.render()
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    status = 500
    try:
        response = await handler(request)
        status = 499 if request.get(_CLIENT_LEFT) else response.status
    except web.HTTPException as error:
        status = error.status
        raise
    except ModelHostError as error:
        status = error.status
        if status >= 500:
            logger.exception("%s %s failed", request.method, request.path)
        response = web.json_response(error.to_json(), status=status)
    except (asyncio.CancelledError, ConnectionError):  # the client left; it often does, in mid-sentence
        status = 499
        raise
    except Exception as error:
        logger.exception("%s %s failed", request.method, request.path)
        if request.get(_STREAMING):
            raise  # the status was sent long ago: only a broken connection tells the client now
        unknown = ModelHostError(f"{type(error).__name__}: {error}")
        response = web.json_response(unknown.to_json(), status=status)
    finally:
        route = request.match_info.route.resource
        label = route.canonical if route else "unknown"
        request.app[HOST].metrics.requests.labels(label, status).inc()
    return response


async def _read_form(request: web.Request) -> dict[str, str | bytes]:
    if not request.content_type.startswith("multipart/"):
        raise InvalidRequestError('expected a multipart form with the sound file as "file"')
    form: dict[str, str | bytes] = {}
    size_bytes = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytearray()
        while chunk := await part.read_chunk(65536):
            size_bytes += len(chunk)
            if size_bytes > MAX_UPLOAD_BYTES:
                message = f"the upload is larger than {MAX_UPLOAD_BYTES} bytes"
                raise InvalidRequestError(message)
            content += chunk
        form[part.name] = bytes(content) if part.name == "file" else content.decode(errors="replace")
    return form


async def _read_json(request: web.Request) -> object:
    try:
        body: object = await request.json()
    except ValueError as error:
        message = f"the request is not JSON: {error}"
        raise InvalidRequestError(message) from error
    return body


def _usual_rate(answer_format: SpeechFormat, voice: Speaker) -> int:
    return voice.sample_rate_hz if answer_format is SpeechFormat.WAV else OPENAI_PCM_SAMPLE_RATE_HZ


async def _begin_audio(request: web.Request, answer_format: SpeechFormat, rate_hz: int) -> web.StreamResponse:
    request[_STREAMING] = True
    response = web.StreamResponse()
    wav = answer_format is SpeechFormat.WAV
    response.headers["Content-Type"] = "audio/wav" if wav else pcm_content_type(rate_hz)
    await response.prepare(request)
    if wav:
        await response.write(streaming_wav_header(rate_hz))
    return response
