"""What clients of OpenAI's audio API get from the model host: the cases, and the table of docs/openai-api.md made of them.

`python tests/conformance.py` writes the table again; a test tries every case, and fails where the table is stale.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import av
import openai
from aiohttp import web
from av.audio.stream import AudioStream
from fakes.silent_hosts import host_of
from fakes.speech_engines import HEARD, FakeAsrEngine, FakeTtsEngine, noise
from livekit import rtc
from livekit.agents import APIConnectOptions, APIStatusError
from voicegate_agent.model_host.decoding import decode_upload
from voicegate_agent.model_host.server import build_app
from voicegate_agent.model_host.wav import wav_from_pcm

PAGE = Path(__file__).parents[1] / "docs" / "openai-api.md"
BEGIN, END = "<!-- made by `nox -s docs`: conformance -->\n", "<!-- end of conformance -->\n"

PCM = (noise(2) * 32767).astype("<i2").tobytes()
ONCE = APIConnectOptions(max_retry=0)


@dataclass(frozen=True, slots=True)
class Case:
    """A request of a client to a host's base URL, in words, and what comes of it, in words."""

    client: str
    request: str
    answer: str
    ask: Callable[[str], Awaitable[str]]


class SteadyVoice(FakeTtsEngine):
    """Speaks a second for every text."""

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak."""
        yield PCM[:32_000]


@asynccontextmanager
async def served_host() -> AsyncIterator[str]:
    """Serve a host whose models compute nothing, in this process; gives its base URL."""
    engine = FakeAsrEngine(lambda utterance: replace(HEARD, language=utterance.language or "fr"))
    runner = web.AppRunner(build_app(host_of(SteadyVoice(), engine)), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def sound(container: str, codec: str) -> bytes:
    """Make a file of two seconds."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=16_000)
        assert isinstance(stream, AudioStream)
        output.mux(stream.encode(_frame()))
        output.mux(stream.encode(None))
    return file.getvalue()


def _frame() -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(PCM) // 2)
    frame.planes[0].update(PCM)
    frame.sample_rate = 16_000
    return frame


def table() -> str:
    """Write the rows of the page."""
    rows = (f"| {case.client} | {case.request} | {case.answer} |\n" for case in CASES)
    return f"| client | asks | gets |\n|---|---|---|\n{''.join(rows)}"


def page_with(rows: str) -> str:
    """Give the page with these rows in it."""
    text = PAGE.read_text(encoding="utf-8")
    head, tail = text.partition(BEGIN)[0], text.partition(END)[2]
    return head + BEGIN + rows + END + tail


async def curl(url: str, *arguments: str, data: bytes = b"") -> str:
    """Ask with curl, and put the answer in words."""
    command = (
        "curl",
        "--silent",
        "--noproxy",
        "*",
        "--write-out",
        r"\n%{http_code} %{content_type}",
        *arguments,
    )
    process = await asyncio.create_subprocess_exec(
        *command, url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    body, _, status = (await process.communicate(data))[0].rpartition(b"\n")
    code, _, content_type = status.decode().partition(" ")
    return f"{code}, {_in_words(body, content_type.partition(';')[0])}"


def _in_words(body: bytes, content_type: str) -> str:
    match content_type:
        case "application/json":
            return _json_in_words(json.loads(body))
        case "text/event-stream":
            lines = [line.removeprefix("data: ") for line in body.decode().splitlines()]
            kinds = dict.fromkeys(json.loads(line)["type"] for line in lines if line.startswith("{"))
            return "events " + ", ".join(f"`{kind}`" for kind in kinds)
        case "text/plain":
            return f"`{body.decode().strip()}`"
        case "audio/pcm":
            return f"{content_type}, {len(body) / 2 / 24_000:.0f} s"
        case _:
            return f"{content_type}, {len(decode_upload(body)) / 16_000:.0f} s"


def _json_in_words(answer: dict[str, Any]) -> str:
    if error := answer.get("error"):
        return f"`{error['code']}`" + (f" naming `{error['param']}`" if error["param"] else "")
    if "data" in answer:
        return "models " + ", ".join(f"`{model['id']}`" for model in answer["data"])
    if "segments" in answer:
        return f"`{answer['text']}`, {len(answer['segments'])} segment, language `{answer['language']}`"
    return f"`{answer['id']}`" if "id" in answer else f"`{answer['text']}`"


def spoken(request: str, answer: str, **fields: object) -> Case:
    """Have curl ask for speech."""
    body = json.dumps({"model": "tts-1", "voice": "alloy", "input": "Hello."} | fields).encode()
    options = ("--header", "Content-Type: application/json", "--data-binary", "@-")
    return Case("curl", request, answer, lambda url: curl(f"{url}/audio/speech", *options, data=body))


def heard(request: str, answer: str, *fields: str, file: bytes | None = None) -> Case:
    """Have curl upload a sound."""
    form = [
        word for field in ("file=@-;filename=a", "model=whisper-1", *fields) for word in ("--form", field)
    ]
    data = wav_from_pcm(PCM, 16_000) if file is None else file
    return Case("curl", request, answer, lambda url: curl(f"{url}/audio/transcriptions", *form, data=data))


def got(path: str, answer: str, method: str = "GET") -> Case:
    """Have curl ask for a path."""
    return Case(
        "curl", f"`{method} /v1{path}`", answer, lambda url: curl(f"{url}{path}", "--request", method)
    )


def _sdk(url: str) -> openai.AsyncOpenAI:
    direct = openai.DefaultAsyncHttpxClient(trust_env=False)
    return openai.AsyncOpenAI(base_url=url, api_key="none", http_client=direct, max_retries=0)


async def _sdk_speaks(url: str) -> str:
    async with _sdk(url) as client:
        answer = await client.audio.speech.create(input="Hello.", model="gpt-4o-mini-tts", voice="marin")
    return f"{answer.response.headers['content-type']}, {len(decode_upload(answer.content)) / 16_000:.0f} s"


async def _sdk_hears(url: str, **fields: Any) -> str:
    asked = {"file": ("a.wav", wav_from_pcm(PCM, 16_000)), "model": "gpt-4o-transcribe"} | fields
    async with _sdk(url) as client:
        try:
            answer = await client.audio.transcriptions.create(**asked)
        except openai.APIStatusError as error:
            return f"`{type(error).__name__}` naming `{error.param}`"
        if isinstance(answer, openai.AsyncStream):
            return "events " + ", ".join([f"`{event.type}`" async for event in answer])
    return f"`{answer.text}`"


async def _sdk_lists(url: str) -> str:
    async with _sdk(url) as client:
        names = [f"`{model.id}`" async for model in client.models.list()]
        return ", ".join([*names, f"`{(await client.models.retrieve('whisper-1')).id}`"])


async def _livekit_speaks(url: str, **options: Any) -> str:
    from livekit.plugins import openai as livekit_openai  # noqa: PLC0415 - a second that only this test pays

    async with _sdk(url) as client:
        voice = livekit_openai.TTS(client=client, **options)
        async with voice.synthesize("Hello.", conn_options=ONCE) as speech:
            duration_s = sum([event.frame.duration async for event in speech])
        await voice.aclose()
    return f"{duration_s:.0f} s"


async def _livekit_hears(url: str, **options: Any) -> str:
    from livekit.plugins import openai as livekit_openai  # noqa: PLC0415 - as above

    frame = rtc.AudioFrame(PCM, 16_000, 1, len(PCM) // 2)
    async with _sdk(url) as client:
        ears = livekit_openai.STT(client=client, **options)
        try:
            event = await ears.recognize([frame], conn_options=ONCE)
        except APIStatusError as error:
            return f"`APIStatusError` {error.status_code}"
        finally:
            await ears.aclose()
    return f"`{event.alternatives[0].text}`, language `{event.alternatives[0].language}`"


OPENAI, LIVEKIT = "openai SDK", "livekit-plugins-openai"
CASES = (
    Case(LIVEKIT, "`TTS()`, which wants MP3 in events", "1 s", _livekit_speaks),
    Case(LIVEKIT, '`TTS(model="tts-1")`', "1 s", partial(_livekit_speaks, model="tts-1")),
    *(
        Case(
            LIVEKIT,
            f'`TTS(response_format="{name}")`',
            "1 s",
            partial(_livekit_speaks, response_format=name),
        )
        for name in ("opus", "aac", "flac", "wav", "pcm")
    ),
    Case(LIVEKIT, "`STT()`", "`seven`, language `en`", _livekit_hears),
    Case(LIVEKIT, '`STT(language="de")`', "`seven`, language `de`", partial(_livekit_hears, language="de")),
    Case(
        LIVEKIT,
        '`STT(model="whisper-1", language="de")`',
        "`seven`, language `de`",
        partial(_livekit_hears, model="whisper-1", language="de"),
    ),
    Case(LIVEKIT, '`STT(prompt="…")`', "`APIStatusError` 400", partial(_livekit_hears, prompt="names")),
    Case(OPENAI, "`audio.speech.create`", "audio/mpeg, 1 s", _sdk_speaks),
    Case(OPENAI, "`audio.transcriptions.create`", "`seven`", _sdk_hears),
    Case(
        OPENAI,
        "the same, `stream=True`",
        "events `transcript.text.delta`, `transcript.text.done`",
        partial(_sdk_hears, stream=True),
    ),
    Case(
        OPENAI,
        '`timestamp_granularities=["word"]`',
        "`BadRequestError` naming `timestamp_granularities`",
        partial(_sdk_hears, response_format="verbose_json", timestamp_granularities=["word"]),
    ),
    Case(OPENAI, "`models.list`, `models.retrieve`", "`asr`, `tts`, `whisper-1`", _sdk_lists),
    spoken("speech without a format", "200, audio/mpeg, 1 s"),
    spoken("`mp3`", "200, audio/mpeg, 1 s", response_format="mp3"),
    spoken("`opus`", "200, audio/ogg, 1 s", response_format="opus"),
    spoken("`aac`", "200, audio/aac, 1 s", response_format="aac"),
    spoken("`flac`", "200, audio/flac, 1 s", response_format="flac"),
    spoken("`wav`", "200, audio/wav, 1 s", response_format="wav"),
    spoken("`pcm`, which is at 24 kHz", "200, audio/pcm, 1 s", response_format="pcm"),
    spoken("`speed`", "200, audio/mpeg, 1 s", speed=1.5),
    spoken(
        "`stream_format=sse`", "200, events `speech.audio.delta`, `speech.audio.done`", stream_format="sse"
    ),
    spoken("`instructions`", "400, `invalid_request` naming `instructions`", instructions="Cheerfully."),
    spoken("another voice", "400, `invalid_request` naming `voice`", voice="anna"),
    spoken("another model", "404, `model_not_found` naming `model`", model="gpt-4"),
    heard("a transcript of WAV", "200, `seven`"),
    heard("MP3", "200, `seven`", file=sound("mp3", "libmp3lame")),
    heard("Ogg Opus", "200, `seven`", file=sound("ogg", "libopus")),
    heard("WebM Opus", "200, `seven`", file=sound("webm", "libopus")),
    heard("M4A", "200, `seven`", file=sound("mp4", "aac")),
    heard("FLAC", "200, `seven`", file=sound("flac", "flac")),
    heard("what is no sound", "400, `invalid_request` naming `file`", file=b"text"),
    heard("more than 25 MiB", "413, `upload_too_large` naming `file`", file=bytes(27 * 2**20)),
    heard(
        "more than five minutes",
        "413, `upload_too_large` naming `file`",
        file=wav_from_pcm(bytes(16_000 * 301), 8_000),
    ),
    heard("`response_format=text`", "200, `seven`", "response_format=text"),
    heard(
        "`verbose_json` and `language=German`",
        "200, `seven`, 1 segment, language `german`",
        "response_format=verbose_json",
        "language=German",
    ),
    heard(
        "`verbose_json` and `language=auto`",
        "200, `seven`, 1 segment, language `french`",
        "response_format=verbose_json",
        "language=auto",
        "timestamp_granularities[]=segment",
    ),
    heard("`srt`, `vtt`", "400, `invalid_request` naming `response_format`", "response_format=srt"),
    heard("`stream=true`", "200, events `transcript.text.delta`, `transcript.text.done`", "stream=true"),
    *(
        heard(f"`{name}`", f"400, `invalid_request` naming `{name}`", f"{field}={value}")
        for name, field, value in (
            ("language", "language", "xx"),
            ("prompt", "prompt", "names"),
            ("temperature", "temperature", "0.5"),
            ("keywords", "keywords[]", "ticket"),
            ("include", "include[]", "logprobs"),
            ("known_speaker_names", "known_speaker_names[]", "anna"),
            ("chunking_strategy", "chunking_strategy", '{"type":"server_vad"}'),
        )
    ),
    got("/models", "200, models `asr`, `tts`"),
    got("/models/gpt-4o-mini-tts", "200, `gpt-4o-mini-tts`"),
    got("/models/gpt-4", "404, `model_not_found` naming `model`"),
    got("/audio/translations", "404, `Not Found`", "POST"),
    got("/audio/speech", "405, `Method Not Allowed`"),
)
"""Every case is tried by tests/agent/model_host/test_conformance.py."""


if __name__ == "__main__":
    PAGE.write_text(page_with(table()), encoding="utf-8")
