"""Chat endpoints that behave well and badly, over real HTTP."""

from collections.abc import AsyncIterator

import pytest
from fakes.chat_servers import Answer, calls_tool, chat_server, refuses, says
from livekit.agents import APIError, function_tool, llm
from voicegate_agent.conversation.chat_endpoint import ChatEndpoints, Endpoint


@pytest.fixture
async def made() -> AsyncIterator[list[ChatEndpoints]]:
    """Close the clients of a test."""
    clients: list[ChatEndpoints] = []
    yield clients
    for client in clients:
        await client.aclose()


def question() -> llm.ChatContext:
    """Ask for a ticket."""
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="open a ticket")
    return context


async def reply(replies: ChatEndpoints) -> str:
    """Give the whole reply."""
    async with replies.chat(chat_ctx=question()) as stream:
        return (await stream.collect()).text


@pytest.mark.parametrize(
    ("answers", "heard", "asked"),
    [
        ([says("Your ticket ", "is open.")], "Your ticket is open.", 1),
        (
            [says("Okay, the user wants a ticket. </think>", "Your ticket is open.")],
            "Your ticket is open.",
            1,
        ),
        ([says("<think>A ticket.</think>Your ticket is open.")], "Your ticket is open.", 1),
        ([says(None, "Yes.", thinks="The user wants a ticket.")], "Yes.", 1),
        ([says(thinks="The user wants a ticket, and I have no tokens left.")], "", 1),
        ([says()], "", 1),
        ([refuses(429, Retry_After="0"), says("Yes.")], "Yes.", 2),
        ([refuses(503, Retry_After="0"), says("Yes.")], "Yes.", 2),
        ([says("Your ticket is", cut=True), says("Yes.")], "Yes.", 2),
    ],
)
async def test_what_is_for_the_caller_is_passed_on(
    made: list[ChatEndpoints], answers: list[Answer], heard: str, asked: int
) -> None:
    """Without thoughts, and asked again where that is of use."""
    async with chat_server(*answers) as server:
        made.append(ChatEndpoints([Endpoint(server.url, "small")], 5))
        assert await reply(made[0]) == heard
        assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (refuses(401), 1),
        (refuses(429, Retry_After="30"), 1),
        (refuses(429, Retry_After="0"), 2),
        (says("Late.", after_s=9), 1),
        (says(cut=True), 2),
    ],
)
async def test_what_cannot_be_mended_fails_within_its_patience(
    made: list[ChatEndpoints], answer: Answer, asked: int
) -> None:
    """A wrong key is of no use twice, nor is it waited for longer than patience goes."""
    async with chat_server(answer) as server:
        made.append(ChatEndpoints([Endpoint(server.url, "small")], 0.7))
        with pytest.raises(APIError, match="no chat endpoint answered"):
            await reply(made[0])
        assert len(server.asked) == asked


async def test_a_reply_that_has_begun_is_not_begun_again(made: list[ChatEndpoints]) -> None:
    """A stream that is cut after three words fails, and no other endpoint says it once more."""
    async with chat_server(says("Hello."), says("Your ticket is", cut=True)) as server:
        made.append(ChatEndpoints([Endpoint(server.url, "small"), Endpoint(server.url, "large")], 5))
        await reply(made[0])  # after the first reply nothing is held back
        with pytest.raises(APIError, match="cut off"):
            await reply(made[0])
        assert len(server.asked) == 2


async def test_another_endpoint_is_asked_and_then_asked_first(made: list[ChatEndpoints]) -> None:
    """One that takes too long costs its patience once in a call."""
    async with chat_server(says("Late.", after_s=9)) as slow, chat_server(says("Yes.")) as quick:
        made.append(ChatEndpoints([Endpoint(slow.url, "large"), Endpoint(quick.url, "small")], 0.3))
        assert [await reply(made[0]), await reply(made[0])] == ["Yes.", "Yes."]
        assert (len(slow.asked), len(quick.asked)) == (1, 2)


async def test_nobody_listens_there(made: list[ChatEndpoints]) -> None:
    """An endpoint that is gone fails as one that answers badly does."""
    made.append(ChatEndpoints([Endpoint("http://127.0.0.1:9/v1", "small")], 0.3))
    with pytest.raises(APIError, match="no chat endpoint answered"):
        await reply(made[0])


async def test_a_model_that_thinks_untagged_is_held_in_later_replies_too(made: list[ChatEndpoints]) -> None:
    """One that does not is spoken as it writes, from its second reply on."""
    thinker = says("Okay, a ticket. </think>", "Yes.")
    async with chat_server(thinker) as server, chat_server(says("Yes.")) as other:
        made += [ChatEndpoints([Endpoint(one.url, "small")], 5) for one in (server, other)]
        assert [await reply(one) for one in made] == ["Yes.", "Yes."]
        assert [len(one.plain) for one in made] == [0, 1]


@function_tool
async def order_status(code: str) -> str:
    """Look up an order."""
    return code


async def test_a_tool_is_called(made: list[ChatEndpoints]) -> None:
    """Its arguments are put together from their pieces, and the endpoint is told of the tool."""
    async with chat_server(calls_tool("order_status", '{"code": "1234"}')) as server:
        made.append(ChatEndpoints([Endpoint(server.url, "small", "key")], 5))
        async with made[0].chat(chat_ctx=question(), tools=[order_status]) as stream:
            answer = await stream.collect()
        assert [(call.name, call.arguments) for call in answer.tool_calls] == [
            ("order_status", '{"code": "1234"}')
        ]
        assert server.asked[0]["tools"][0]["function"]["name"] == "order_status"
        assert server.asked[0]["messages"][-1] == {"role": "user", "content": "open a ticket"}
