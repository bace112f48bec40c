"""Replies from a chat endpoint, and what a caller hears when it does not answer."""

import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from live import StartAgent, until

from .conftest import Participant

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

ANSWER_TIMEOUT_S = 60.0


@pytest.fixture
async def chat_endpoint() -> AsyncIterator[str]:
    """Have an endpoint with OpenAI's chat API that always says the same, in two pieces."""

    async def complete(request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in (f"I am {asked['model']}. ", "Who are you?"):
            choice = {"index": 0, "delta": {"role": "assistant", "content": piece}}
            chunk = {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "m",
                "choices": [choice],
            }
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/v1"
    await runner.cleanup()


async def test_chat_endpoint_answers_the_caller(
    start_agent: StartAgent, participant: Callable[[str], Participant], chat_endpoint: str
) -> None:
    """The endpoint of the settings is asked for the model of the settings."""
    async with start_agent(VOICEGATE_REPLIES_URL=chat_endpoint, VOICEGATE_REPLIES_MODEL="Ada"):
        caller = participant("test-chat-endpoint")
        await caller.join()
        await until(lambda: "lk.agent.state" in caller.agent_attributes, ANSWER_TIMEOUT_S, "an agent listens")
        await caller.write("hello")
        await until(lambda: "I am Ada. Who are you?" in caller.said, ANSWER_TIMEOUT_S, "the endpoint's reply")
        assert caller.heard_samples > 5_000


async def test_caller_hears_that_a_turn_was_lost(
    start_agent: StartAgent, participant: Callable[[str], Participant]
) -> None:
    """An endpoint that is gone costs a turn, not the call."""
    endpoint = {"VOICEGATE_REPLIES_URL": "http://127.0.0.1:9/v1", "VOICEGATE_REPLIES_MODEL": "Ada"}
    async with start_agent(**endpoint):
        caller = participant("test-lost-turn")
        await caller.join()
        await until(lambda: "lk.agent.state" in caller.agent_attributes, ANSWER_TIMEOUT_S, "an agent listens")
        await caller.write("hello")
        await until(lambda: "Can you repeat that please?" in caller.said, ANSWER_TIMEOUT_S, "a sign of life")
        assert caller.has_agent
