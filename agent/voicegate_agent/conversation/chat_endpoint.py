"""Replies of a language model behind OpenAI's chat API, for one call: patience, a second endpoint, and no thoughts.

It needs no SDK, whose import held up each call's event loop for 0.7 to 4.4 s and cost it 30 MB.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Never

import aiohttp
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectionError,
    APIConnectOptions,
    NotGivenOr,
    llm,
    utils,
)

from voicegate_agent.conversation.thoughts import Thoughts

TRIES = 2
"""How often the only endpoint is asked in a turn; with a second one that is asked instead."""
RETRY_AFTER_S = 0.5
_WORTH_A_RETRY = (408, 425, 429, 500, 502, 503, 504)

_log = logging.getLogger(__name__)


class EndpointError(Exception):
    """An endpoint did not give a whole reply; `retry_after_s` says when to ask again, None that it is of no use."""

    def __init__(self, message: str, retry_after_s: float | None = RETRY_AFTER_S) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked: the API's address up to `/v1`, the model's name there, a key if it wants one."""

    url: str
    model: str
    api_key: str | None = None


class ChatEndpoints(llm.LLM[Never]):
    """The endpoints of one call; the one that answered last is asked first.

    `patience_s` is how long one may take for its first word, and from one word to the next.
    """

    def __init__(self, endpoints: Sequence[Endpoint], patience_s: float) -> None:
        super().__init__()
        self.endpoints = list(endpoints)
        self.patience_s = patience_s
        self.plain: set[Endpoint] = set()
        """Whose replies are passed on as they come: a first one is held until it is whole, as all of a model that thinks untagged are."""
        self._session: aiohttp.ClientSession | None = None

    @property
    def model(self) -> str:
        """The name of the model that is asked first."""
        return self.endpoints[0].model

    @property
    def provider(self) -> str:
        """Where it is asked."""
        return self.endpoints[0].url.partition("://")[2].partition("/")[0]

    def session(self) -> aiohttp.ClientSession:
        """Open the connections of this call."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        return self._session

    async def aclose(self) -> None:
        """Close them."""
        await super().aclose()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """Ask for a reply; LiveKit's own retries are left out, because they know neither patience nor `Retry-After`."""
        del parallel_tool_calls, extra_kwargs
        once = APIConnectOptions(max_retry=0, timeout=conn_options.timeout)
        choice = tool_choice if utils.is_given(tool_choice) and isinstance(tool_choice, str) else None
        return _Reply(self, chat_ctx, tools or [], once, choice)


class _Reply(llm.LLMStream):
    def __init__(
        self,
        owner: ChatEndpoints,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],
        conn_options: APIConnectOptions,
        tool_choice: str | None,
    ) -> None:
        self._owner = owner
        self._tool_choice = tool_choice
        super().__init__(owner, chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)

    async def _run(self) -> None:
        for endpoint in list(self._owner.endpoints):
            try:
                await self._ask_patiently(endpoint)
            except (EndpointError, aiohttp.ClientError, OSError, TimeoutError) as error:
                _log.warning("The chat endpoint %s failed: %s", endpoint.url, _reason(error))
                if self._event_ch.output_sent:
                    raise APIConnectionError("the reply was cut off", retryable=False) from error
            else:
                self._owner.endpoints.remove(endpoint)
                self._owner.endpoints.insert(0, endpoint)
                return
        raise APIConnectionError("no chat endpoint answered", retryable=False)

    async def _ask_patiently(self, endpoint: Endpoint) -> None:
        clock = asyncio.get_running_loop().time
        give_up = clock() + self._owner.patience_s
        tries = TRIES if len(self._owner.endpoints) == 1 else 1
        while True:
            tries -= 1
            try:
                async with asyncio.timeout_at(give_up) as limit:
                    await self._ask(endpoint, limit)
                return
            except (EndpointError, aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
                wait_s = error.retry_after_s if isinstance(error, EndpointError) else RETRY_AFTER_S
                again = tries and wait_s is not None and clock() + wait_s < give_up
                if not again or wait_s is None or self._event_ch.output_sent:
                    raise
                await asyncio.sleep(wait_s)

    async def _ask(self, endpoint: Endpoint, limit: asyncio.Timeout) -> None:
        """Pass on one reply; raises EndpointError unless it came to its end."""
        headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        address = f"{endpoint.url.rstrip('/')}/chat/completions"
        clock = asyncio.get_running_loop().time
        reader = _Reader(self._event_ch, Thoughts(hold=endpoint not in self._owner.plain))
        async with self._owner.session().post(
            address, json=self._question(endpoint.model), headers=headers
        ) as reply:
            if reply.status != 200:
                raise await _refusal(reply)
            async for line in reply.content:
                if reader.take(line.decode(errors="replace").strip()):
                    limit.reschedule(clock() + self._owner.patience_s)
        if reader.end():
            self._owner.plain.discard(endpoint)
        else:
            self._owner.plain.add(endpoint)

    def _question(self, model: str) -> dict[str, Any]:
        messages, _ = self._chat_ctx.to_provider_format(format="openai")
        question: dict[str, Any] = {
            "model": model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if tools := llm.ToolContext(self._tools).parse_function_tools("openai"):
            question["tools"] = tools
            if self._tool_choice:
                question["tool_choice"] = self._tool_choice
        return question


class _Reader:
    """Reads one reply line by line, and passes on what is for the caller."""

    def __init__(self, events: utils.aio.Chan[llm.ChatChunk], thoughts: Thoughts) -> None:
        self._events = events
        self._thoughts = thoughts
        self._calls: dict[int, dict[str, Any]] = {}
        self._over = False

    def take(self, line: str) -> bool:
        """Take a line of the event stream, and tell whether it had words; raises EndpointError for what is no reply."""
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data == "[DONE]":
            self._over = self._over or data == "[DONE]"
            return False
        try:
            chunk = json.loads(data)
            if chunk.get("error"):
                raise EndpointError(f"error in the reply: {data[:200]}")
            if usage := chunk.get("usage"):
                self._events.send_nowait(llm.ChatChunk(id="chat", usage=_usage(usage)))
            choices = chunk.get("choices") or [{}]  # none beside usage
            return self._take_choice(choices[0])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise EndpointError(f"no chat completion: {data[:200]!r}", None) from error

    def end(self) -> bool:
        """Pass on what was kept, the stream being over; tell whether replies of this model must be held.

        Raises EndpointError when the stream ended before the reply did.
        """
        if not self._over:
            raise EndpointError("the stream ended before the reply did")
        self._say(self._thoughts.end())
        if self._calls:
            calls = [llm.FunctionToolCall(**call) for _, call in sorted(self._calls.items())]
            self._send(llm.ChoiceDelta(role="assistant", tool_calls=calls))
        return self._thoughts.untagged

    def _take_choice(self, choice: dict[str, Any]) -> bool:
        delta = choice.get("delta") or {}
        written = delta.get("content") or ""
        self._say(self._thoughts.take(written))
        for part in delta.get("tool_calls") or []:
            call = self._calls.setdefault(
                part.get("index") or 0, {"name": "", "arguments": "", "call_id": ""}
            )
            function = part.get("function") or {}
            call["call_id"] = part.get("id") or call["call_id"]
            call["name"] = function.get("name") or call["name"]
            call["arguments"] += function.get("arguments") or ""
        self._over = self._over or choice.get("finish_reason") is not None
        return bool(written or delta.get("tool_calls")) and not self._thoughts.inside

    def _say(self, text: str) -> None:
        if text:
            self._send(llm.ChoiceDelta(role="assistant", content=text))

    def _send(self, delta: llm.ChoiceDelta) -> None:
        self._events.send_nowait(llm.ChatChunk(id="chat", delta=delta))


def _usage(usage: dict[str, Any]) -> llm.CompletionUsage:
    prompt, answer = (int(usage.get(f"{name}_tokens") or 0) for name in ("prompt", "completion"))
    return llm.CompletionUsage(prompt_tokens=prompt, completion_tokens=answer, total_tokens=prompt + answer)


async def _refusal(reply: aiohttp.ClientResponse) -> EndpointError:
    text = (await reply.text(errors="replace"))[:200]
    asked = reply.headers.get("Retry-After", "")
    wait_s = float(asked) if asked.isdecimal() else RETRY_AFTER_S
    return EndpointError(f"HTTP {reply.status}: {text}", wait_s if reply.status in _WORTH_A_RETRY else None)


def _reason(error: Exception) -> str:
    return "too late" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
