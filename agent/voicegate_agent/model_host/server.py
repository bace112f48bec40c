"""The host's HTTP interface: OpenAI's audio API over the two shared models, and a little more."""

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from aiohttp import web

from voicegate_agent.languages import AUTO
from voicegate_agent.model_host.api_requests import (
    MODELS,
    AnswerFormat,
    SpeechFormat,
    SpeechRequest,
    TranscriptionRequest,
    require_model,
    require_voice,
)
from voicegate_agent.model_host.decoding import decode_upload
from voicegate_agent.model_host.encoding import usual_rate
from voicegate_agent.model_host.forms import read_form, read_json
from voicegate_agent.model_host.http_errors import answer_errors, require_key
from voicegate_agent.model_host.loading import Loading
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import (
    ASR_SAMPLE_RATE_HZ,
    MAX_UPLOAD_BYTES,
    OPENAI_PCM_SAMPLE_RATE_HZ,
    InvalidRequestError,
    LoadedModel,
    LoadState,
    ModelKind,
    ModelNotFoundError,
    Transcript,
)
from voicegate_agent.model_host.resampling import resampled
from voicegate_agent.model_host.shared_instances import (
    SharedInstance,
    get_shared_asr_model,
    get_shared_tts_engine,
)
from voicegate_agent.model_host.speech_answers import SpeechAnswer
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

Model = TypeVar("Model")

RECENT_S = 30.0
"""How often an idle worker is probed, at most."""

STUCK_S = 60.0
"""A batch that takes longer will not end: 30 s of speech take 10 s on a slow machine."""


class ModelHost:
    """What the handlers share: the models, the figures, and what counts where a request says nothing.

    `load_asr` and `load_tts` block; each runs in a thread of its own, until it succeeds. `speaker` is who speaks, of a
    voice with several; `api_key` is what clients must send, if anything; `longest_load_s` is after what a load counts as stuck.
    """

    def __init__(
        self,
        load_asr: Callable[[], TranscriptionQueue],
        load_tts: Callable[[], SpeechStreams],
        metrics: HostMetrics,
        language: str | None = "en",
        speed: float = 1.0,
        *,
        speaker: str | None = None,
        api_key: str | None = None,
        longest_load_s: Mapping[ModelKind, float] = MappingProxyType({}),
    ) -> None:
        self.metrics = metrics
        self.language = language
        self.speed = speed
        self.speaker = speaker
        self.api_key = api_key
        self.asr = Loading(
            partial(_counted, metrics, ModelKind.ASR, partial(get_shared_asr_model, load_asr)),
            longest_s=longest_load_s.get(ModelKind.ASR, math.inf),
        )
        self.tts = Loading(
            partial(_counted, metrics, ModelKind.TTS, partial(get_shared_tts_engine, load_tts)),
            longest_s=longest_load_s.get(ModelKind.TTS, math.inf),
        )

    @property
    def states(self) -> dict[str, str]:
        """How far each model is."""
        return {"asr": self.asr.state, "tts": self.tts.state}

    def close(self) -> None:
        """Start nothing more, and tell those who wait."""
        for loading in (self.asr, self.tts):
            if loading.instance is not None:
                loading.instance.model.close()


def _counted(
    metrics: HostMetrics, kind: ModelKind, load: Callable[[], tuple[SharedInstance[Model], bool]]
) -> tuple[SharedInstance[Model], bool]:
    instance, fresh = load()
    if fresh:
        metrics.loads.labels(kind).inc()
    return instance, fresh


HOST = web.AppKey("host", ModelHost)


def build_app(host: ModelHost) -> web.Application:
    """Lay out the routes; the handlers find `host` in the application."""
    keyed = [require_key(host.api_key)] if host.api_key else []
    app = web.Application(client_max_size=MAX_UPLOAD_BYTES, middlewares=[answer_errors(host.metrics), *keyed])
    app[HOST] = host
    _add_watched(app)
    app.router.add_post("/v1/audio/transcriptions", transcribe)
    app.router.add_post("/v1/audio/speech", speak)
    app.router.add_get("/v1/models", list_models)
    app.router.add_get("/v1/models/{id}", show_model)
    app.router.add_post("/v1/models/{kind}/load", load_model)
    return app


def build_watched_app(host: ModelHost) -> web.Application:
    """Lay out only what those ask for who watch the host."""
    app = web.Application(middlewares=[answer_errors(host.metrics)])
    app[HOST] = host
    _add_watched(app)
    return app


def _add_watched(app: web.Application) -> None:
    app.router.add_get("/livez", answer_alive)
    app.router.add_get("/readyz", answer_ready)
    app.router.add_get("/metrics", show_metrics)


async def transcribe(request: web.Request) -> web.StreamResponse:
    """`POST /v1/audio/transcriptions`: a sound file to its text."""
    wanted = TranscriptionRequest.from_form(await read_form(request))
    host = request.app[HOST]
    samples = await asyncio.to_thread(decode_upload, wanted.file)
    recognizer = (await host.asr.get())[0].model
    require_model(wanted.model, ModelKind.ASR, recognizer.name)
    language = wanted.language or host.language
    transcript = await recognizer.transcribe(samples, None if language == AUTO else language)
    if wanted.stream:
        return _transcript_events(transcript)
    match wanted.answer_format:
        case AnswerFormat.TEXT:
            return web.Response(text=f"{transcript.text}\n")
        case AnswerFormat.VERBOSE_JSON:
            return web.json_response(transcript.to_verbose_json())
        case AnswerFormat.JSON:
            return web.json_response(transcript.to_json())


def _transcript_events(transcript: Transcript) -> web.Response:
    """Answer `stream=true`: nothing can be told before the end, so that the one delta is the whole text."""
    events = [
        {"type": "transcript.text.delta", "delta": transcript.text},
        {"type": "transcript.text.done", "text": transcript.text},
    ]
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return web.Response(text=f"{text}data: [DONE]\n\n", content_type="text/event-stream")


async def speak(request: web.Request) -> web.StreamResponse:
    """`POST /v1/audio/speech`: a text to audio, sent as it is made; a client that leaves stops it."""
    started_s = time.monotonic()
    wanted = SpeechRequest.from_json(await read_json(request))
    host = request.app[HOST]
    voice = (await host.tts.get())[0].model
    require_model(wanted.model, ModelKind.TTS, voice.name)
    require_voice(wanted.voice, (voice.name, host.speaker) if host.speaker else (voice.name,))
    rate_hz = wanted.sample_rate_hz or _usual_rate(wanted.response_format, voice)
    answer = SpeechAnswer(wanted.response_format, rate_hz, events=wanted.events)
    async with (
        aclosing(voice.speak(wanted.text, wanted.speed or host.speed)) as speech,
        aclosing(resampled(speech, voice.sample_rate_hz, rate_hz)) as audio,
    ):
        return await answer.send(request, _measured(audio, rate_hz, started_s, host.metrics))


async def _measured(
    audio: AsyncIterator[bytes], rate_hz: int, started_s: float, metrics: HostMetrics
) -> AsyncIterator[bytes]:
    """Note when the first audio was there, and how much there was."""
    first = True
    async for piece in audio:
        if first:
            metrics.tts_first_audio_s.observe(time.monotonic() - started_s)
        first = False
        metrics.tts_audio_s.inc(len(piece) / 2 / rate_hz)
        yield piece


def _usual_rate(answer_format: SpeechFormat, voice: SpeechStreams) -> int:
    if answer_format is SpeechFormat.PCM:
        return OPENAI_PCM_SAMPLE_RATE_HZ
    return usual_rate(answer_format, voice.sample_rate_hz)


async def list_models(_: web.Request) -> web.StreamResponse:
    """`GET /v1/models`: the two models under the names a request may use for them."""
    return web.json_response({"object": "list", "data": [_model(kind.value) for kind in ModelKind]})


async def show_model(request: web.Request) -> web.StreamResponse:
    """`GET /v1/models/{id}`: a model under any of its names."""
    wanted = request.match_info["id"]
    for kind, loading in ((ModelKind.ASR, request.app[HOST].asr), (ModelKind.TTS, request.app[HOST].tts)):
        own_name = loading.instance.model.name if loading.instance else kind.value
        if wanted in (*MODELS[kind], own_name):
            return web.json_response(_model(wanted))
    message = f"there is no model {wanted!r}; GET /v1/models lists those that there are"
    raise ModelNotFoundError(message, param="model")


def _model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "voicegate"}


async def load_model(request: web.Request) -> web.StreamResponse:
    """`POST /v1/models/{asr|tts}/load`: have the model loaded, and say which instance it is."""
    host = request.app[HOST]
    match request.match_info["kind"]:
        case ModelKind.ASR:
            asr, fresh = await host.asr.get()
            load = LoadedModel(asr.id, fresh, asr.model.name, ASR_SAMPLE_RATE_HZ)
        case ModelKind.TTS:
            tts, fresh = await host.tts.get()
            load = LoadedModel(tts.id, fresh, tts.model.name, tts.model.sample_rate_hz)
        case other:
            message = f"there is no model {other!r}; expected {' or '.join(ModelKind)}"
            raise InvalidRequestError(message, param="model")
    return web.json_response(load.to_json())


async def answer_alive(request: web.Request) -> web.StreamResponse:
    """`GET /livez`: the host answers, and is not stuck in one batch or in loading; else it should be restarted."""
    host = request.app[HOST]
    if LoadState.STUCK in host.states.values():
        return web.json_response({"status": "stuck", **host.states}, status=503)
    asr = host.asr.instance
    busy_s = asr.model.busy_s if asr else 0.0
    if busy_s > STUCK_S:
        return web.json_response({"status": "stuck", "busy_s": round(busy_s)}, status=503)
    return web.json_response({"status": "ok"})


async def answer_ready(request: web.Request) -> web.StreamResponse:
    """`GET /readyz`: the models hear and speak, or will when they are first asked. It answers when the worker has.

    Whoever asks sets the deadline; models that load, or that cannot be loaded, are no reason for a restart.
    """
    host = request.app[HOST]
    if host.asr.instance is not None:
        await host.asr.instance.model.prove_alive(RECENT_S)
    ready = all(state in (LoadState.LOADED, LoadState.NOT_LOADED) for state in host.states.values())
    answer = {"status": "ready" if ready else "not ready", **host.states, "turn_wait_s": _turn_wait_s(host)}
    return web.json_response(answer, status=200 if ready else 503)


def _turn_wait_s(host: ModelHost) -> float:
    return host.asr.instance.model.turn_waits.typical_s if host.asr.instance else 0.0


async def show_metrics(request: web.Request) -> web.StreamResponse:
    """`GET /metrics`: the host's figures in Prometheus' text format."""
    body = request.app[HOST].metrics.render()
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
