"""A client of the model host, or of another server with OpenAI's audio API; one per event loop."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeVar

import aiohttp

from voicegate_agent.languages import AUTO
from voicegate_agent.model_host.protocol import (
    ASR_SAMPLE_RATE_HZ,
    OPENAI_PCM_SAMPLE_RATE_HZ,
    HostAddress,
    HostReport,
    InvalidRequestError,
    LoadedModel,
    ModelHostError,
    ModelHostTimeoutError,
    ModelHostUnavailableError,
    ModelKind,
    Transcript,
    error_from_reply,
)
from voicegate_agent.model_host.wav import wav_from_pcm

RECONNECT_EVERY_S = 0.2

RESENDS = 2
"""How often an utterance is sent again when the host died. Of five that are lost together one may be the reason: a host on
a socket then takes each alone, dies once more, and refuses that one (`quarantine`). Elsewhere it is sent again once."""

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the client waits: for a connection, a host that restarts, a model to load, an answer.

    `transcribe_s` is all that a caller's turn may take, restart and tries included; a longer turn may take as long as it
    lasted. `speech_gap_s` is the longest silence of the host inside a stream of speech.
    """

    connect_s: float = 5.0
    restart_s: float = 10.0
    load_s: float = 300.0
    transcribe_s: float = 30.0
    speech_gap_s: float = 8.0


class ModelHostClient:
    """Talks to one host. Made in any thread, used in one event loop, closed there with `aclose`.

    Every method raises a `ModelHostError`: what the host answered, or ModelHostUnavailableError and
    ModelHostTimeoutError when it did not. While nobody listens it tries again for `restart_s`, so that a
    host that was restarted costs the requests it was working on and no other.
    """

    def __init__(
        self,
        address: HostAddress,
        timeouts: Timeouts | None = None,
        *,
        voice: str | None = None,
        api_key: str | None = None,
    ) -> None:
        """Take where it listens, how long to wait, the voice to ask for, and a key if it wants one."""
        self._address = address
        self._timeouts = timeouts or Timeouts()
        self._voice = voice or "default"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._resends = RESENDS if address.socket_path else 1
        self._foreign = False
        self._session: aiohttp.ClientSession | None = None

    @property
    def address(self) -> HostAddress:
        """Where the host listens."""
        return self._address

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def load(self, kind: ModelKind) -> LoadedModel:
        """Have a model loaded (which may take as long as loading does) and learn which instance it is.

        A server that cannot load on request counts as one instance, numbered by its address.
        """
        async with self._request("POST", f"/v1/models/{kind}/load", self._timeouts.load_s) as reply:
            if reply.status in (404, 405):
                self._foreign = True
                return _foreign_instance(self._address, kind)
            return await _read(reply, LoadedModel.from_json)

    async def transcribe(self, pcm: bytes, sample_rate_hz: int, language: str | None = None) -> Transcript:
        """Transcribe one utterance of mono signed 16-bit little-endian samples.

        Raises ModelHostTimeoutError when it takes longer than a turn may, whatever it waits for.
        """
        if len(pcm) % 2:
            message = f"{len(pcm)} bytes are no 16-bit samples: their number must be even"
            raise InvalidRequestError(message)
        wav = wav_from_pcm(pcm, sample_rate_hz)

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("model", ModelKind.ASR.value)
            data.add_field("response_format", "json")
            if language and not (language == AUTO and self._foreign):  # OpenAI's API has no word for that
                data.add_field("language", language)
            data.add_field("file", wav, filename="speech.wav", content_type="audio/wav")
            return data

        path = "/v1/audio/transcriptions"
        timeout_s = max(self._timeouts.transcribe_s, len(pcm) / 2 / sample_rate_hz)
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._request("POST", path, None, form=form, resends=self._resends) as reply,
            ):
                return await _read(reply, Transcript.from_json)
        except TimeoutError as error:
            raise self._late(path) from error

    async def speak(
        self, text: str, sample_rate_hz: int, speed: float | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Speak a text: mono signed 16-bit little-endian samples as they are made, cut anywhere.

        Closing the iterator early tells the host to stop. Nothing comes for a text without words.
        """
        body: dict[str, Any] = {
            "model": ModelKind.TTS.value,
            "voice": self._voice,
            "input": text,
            "response_format": "pcm",
        }
        if speed is not None:
            body["speed"] = speed
        if sample_rate_hz != OPENAI_PCM_SAMPLE_RATE_HZ:
            body["sample_rate"] = sample_rate_hz
        gap_s = self._timeouts.speech_gap_s
        async with self._request("POST", "/v1/audio/speech", None, body=body, gap_s=gap_s) as reply:
            await _raise_for_status(reply)
            async for piece in reply.content.iter_any():
                yield piece

    async def is_healthy(self) -> bool:
        """Ask whether the host answers at all; never raises."""
        try:
            async with self._request("GET", "/livez", self._timeouts.connect_s, restart_s=0) as reply:
                return reply.status == 200
        except ModelHostError:
            return False

    async def report(self, timeout_s: float) -> HostReport:
        """Have the host prove that its worker works, and ask how it is.

        Raises ModelHostError when it does not answer in time: it hangs, or is gone.
        """
        async with self._request("GET", "/readyz", timeout_s, restart_s=0) as reply:
            text = await reply.text()
        try:
            return HostReport.from_json(json.loads(text))
        except ValueError:
            return HostReport()

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        timeout_s: float | None,
        *,
        form: Callable[[], aiohttp.FormData] | None = None,
        body: Mapping[str, Any] | None = None,
        gap_s: float | None = None,
        restart_s: float | None = None,
        resends: int = 1,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        timeout = aiohttp.ClientTimeout(timeout_s, sock_connect=self._timeouts.connect_s, sock_read=gap_s)
        send = partial(
            self._open_session().request, method, f"{self._address.base_url}{path}", timeout=timeout
        )
        try:
            reply = await _send_when_up(
                lambda: send(data=form() if form else None, json=body),
                self._timeouts.restart_s if restart_s is None else restart_s,
                resends,
            )
            async with reply:
                yield reply
        except TimeoutError as error:
            raise self._late(path) from error
        except (aiohttp.ClientError, OSError) as error:
            message = f"the model host at {self._address} cannot be reached: {error}"
            raise ModelHostUnavailableError(message) from error

    def _late(self, path: str) -> ModelHostTimeoutError:
        return ModelHostTimeoutError(f"the model host at {self._address} did not answer {path} in time")

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            path = self._address.socket_path
            connector = aiohttp.UnixConnector(path) if path else aiohttp.TCPConnector()
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        return self._session


async def _send_when_up(
    send: Callable[[], Awaitable[aiohttp.ClientResponse]], restart_s: float, resends: int
) -> aiohttp.ClientResponse:
    """Send, again for `restart_s` as long as nobody listens, and so many times more after a lost connection.

    Each loss begins that time anew: a host that hung for longer was ended only then.
    """
    give_up_s = time.monotonic() + restart_s
    while True:
        try:
            return await send()
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            refused = isinstance(error, aiohttp.ClientConnectorError)
            if not refused and resends and restart_s:
                resends -= 1
                give_up_s = time.monotonic() + restart_s
            elif not refused or time.monotonic() >= give_up_s:
                raise
            await asyncio.sleep(RECONNECT_EVERY_S)


async def _read(reply: aiohttp.ClientResponse, parse: Callable[[Any], Parsed]) -> Parsed:
    await _raise_for_status(reply)
    text = await reply.text()
    try:
        return parse(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        message = f"the model host answered {reply.url.path} with something unexpected: {text[:200]!r}"
        raise ModelHostError(message) from error


async def _raise_for_status(reply: aiohttp.ClientResponse) -> None:
    if reply.status < 400:
        return
    text = await reply.text()
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    raise error_from_reply(reply.status, body)


def _foreign_instance(address: HostAddress, kind: ModelKind) -> LoadedModel:
    digest = hashlib.sha256(f"{address} {kind}".encode()).digest()
    rate_hz = ASR_SAMPLE_RATE_HZ if kind is ModelKind.ASR else OPENAI_PCM_SAMPLE_RATE_HZ
    return LoadedModel(
        int.from_bytes(digest[:6], "big"), fresh=False, name=kind.value, sample_rate_hz=rate_hz
    )
