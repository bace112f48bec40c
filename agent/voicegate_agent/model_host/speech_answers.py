"""Speech to whoever asked for it, as it is made: the bytes of a file, or events with them."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

from aiohttp import web

from voicegate_agent.model_host.api_requests import SpeechFormat
from voicegate_agent.model_host.encoding import content_type, encoder
from voicegate_agent.model_host.http_errors import CLIENT_LEFT, STREAMING

EVENTS = "text/event-stream"
NOTHING_COUNTED = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}


class SpeechAnswer:
    """An answer in one format; making it raises InvalidRequestError for a rate that the format cannot have."""

    def __init__(self, answer_format: SpeechFormat, rate_hz: int, *, events: bool) -> None:
        """Take the format, the rate of the samples to come, and whether they are sent as events."""
        self._encoder = encoder(answer_format, rate_hz)
        self._compressed = answer_format not in (SpeechFormat.PCM, SpeechFormat.WAV)
        self._content_type = EVENTS if events else content_type(answer_format, rate_hz)
        self._events = events

    async def send(self, request: web.Request, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
        """Send each piece as soon as it is there; a client that leaves is noted in the request."""
        file = self._file(pieces)
        data: bytes | None = await anext(file, None)  # what fails before it still has a status
        request[STREAMING] = True
        response = web.StreamResponse(headers={"Content-Type": self._content_type})
        try:
            await response.prepare(request)
            while data is not None:
                await response.write(_delta(data) if self._events else data)
                data = await anext(file, None)
            if self._events:
                await response.write(_event("speech.audio.done", usage=NOTHING_COUNTED))
            await response.write_eof()
        except ConnectionError:  # normal: the caller interrupted the reply
            request[CLIENT_LEFT] = True
        return response

    async def _file(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        spoken = False
        async for piece in pieces:
            spoken = True
            if data := await self._encode(piece):
                yield data
        if (spoken or not self._compressed) and (data := self._encoder.finish()):
            yield data

    async def _encode(self, piece: bytes) -> bytes:
        add = self._encoder.add
        return await asyncio.to_thread(add, piece) if self._compressed else add(piece)


def _delta(data: bytes) -> bytes:
    return _event("speech.audio.delta", audio=base64.b64encode(data).decode("ascii"))


def _event(kind: str, **fields: object) -> bytes:
    return f"data: {json.dumps({'type': kind, **fields})}\n\n".encode()
