"""A chat endpoint with OpenAI's API on loopback that behaves as it is told, in real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class ChatServer:
    """Gives its answers one after the other, the last one again and again; `asked` are the questions."""

    answers: Sequence[Answer]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def reply(self, request: web.Request) -> web.StreamResponse:
        """Answer the next question."""
        self.asked.append(await request.json())
        return await self.answers[min(len(self.asked), len(self.answers)) - 1](request)


@asynccontextmanager
async def chat_server(*answers: Answer) -> AsyncIterator[ChatServer]:
    """Have such an endpoint for the length of a block."""
    server = ChatServer(answers)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.reply)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def says(*pieces: str | None, after_s: float = 0.0, thinks: str = "", cut: bool = False) -> Answer:
    """Stream a reply in these pieces, the first one so much later; `cut` loses the connection behind the last one."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": processing\n\n")
        await asyncio.sleep(after_s)
        if thinks:
            await response.write(event({"reasoning_content": thinks}))
        for piece in pieces:
            await response.write(event({"content": piece}))
        if cut:
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(event({}, "stop") + b"data: [DONE]\n\n")
        return response

    return answer


def calls_tool(name: str, arguments: str) -> Answer:
    """Call a tool, its arguments in two pieces."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        half = len(arguments) // 2
        first = {"index": 0, "id": "call-1", "function": {"name": name, "arguments": arguments[:half]}}
        second = {"index": 0, "function": {"arguments": arguments[half:]}}
        for part in (first, second):
            await response.write(event({"tool_calls": [part]}))
        await response.write(event({}, "tool_calls") + b"data: [DONE]\n\n")
        return response

    return answer


def refuses(status: int, text: str = "no", **headers: str) -> Answer:
    """Answer with an HTTP error."""

    async def answer(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return answer


def event(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    """Write one event of the stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return f"data: {json.dumps({'id': '1', 'error': None, 'choices': [choice]})}\n\n".encode()
