"""A conversation with a language model that calls tools, in LiveKit's own session without a room."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from fakes.chat_servers import Answer, ChatServer, calls_tool, chat_server, says
from live import until
from livekit.agents import AgentSession
from voicegate_agent.conversation.agent import HISTORY_ITEMS, ConversationAgent
from voicegate_agent.conversation.chat_endpoint import ChatEndpoints, Endpoint
from voicegate_agent.conversation.help_desk import PROMPT, Actions, help_desk_tools
from voicegate_agent.conversation.orders import Order, OrdersError, find_order
from voicegate_agent.phrases import ENGLISH


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Have a database with one order."""
    path = tmp_path / "orders.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (number TEXT PRIMARY KEY, status TEXT NOT NULL)")
        connection.execute("INSERT INTO orders VALUES ('4711', 'on its way')")
    connection.close()
    return path


class Desks:
    """What the conversation did with its call."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def say_goodbye(self) -> None:
        """Note the end."""
        self.done.append("goodbye")

    async def hand_over(self) -> None:
        """Note that a person has the call."""
        self.done.append("handed over")


@asynccontextmanager
async def conversation(
    *answers: Answer, actions: Actions | None = None, orders: Path | None = None, greeting: str | None = None
) -> AsyncIterator[tuple[AgentSession[None], ChatServer]]:
    """Have a conversation with a language model that answers so."""
    async with chat_server(*answers) as server:
        replies = ChatEndpoints([Endpoint(server.url, "small")], 5)
        session = AgentSession[None](llm=replies, user_away_timeout=None)
        desks = Desks()
        tools = help_desk_tools(actions or Actions(desks.say_goodbye), orders)
        async with session, aclosing(replies):
            await session.start(ConversationAgent(ENGLISH, 60, greeting=greeting, prompt=PROMPT, tools=tools))
            yield session, server


async def say(session: AgentSession[None], text: str) -> None:
    """Say something, and wait for the reply."""
    await session.run(user_input=text)


def offered(server: ChatServer) -> set[str]:
    """Name the tools that the model was told of."""
    return {tool["function"]["name"] for tool in server.asked[0]["tools"]}


async def test_an_order_is_looked_up(orders: Path) -> None:
    """The model calls the tool, is told what the database says, and answers with that."""
    call = calls_tool("order_status", '{"number": "4 7 1 1"}')
    async with conversation(call, says("It is on its way."), orders=orders) as (session, server):
        await say(session, "where is my order 4711")
        assert server.asked[1]["messages"][-1]["content"] == "Order 4711: on its way."
        assert session.history.messages()[-1].text_content == "It is on its way."
        assert server.asked[0]["messages"][0]["content"] == PROMPT


async def test_only_what_can_be_done_is_offered(orders: Path) -> None:
    """Without a database no orders, without anybody to hand it to no hand-over."""
    desks = Desks()
    async with conversation(says("Yes.")) as (session, server):
        await say(session, "hello")
        assert offered(server) == {"end_call"}
    everything = Actions(desks.say_goodbye, desks.hand_over)
    async with conversation(says("Yes."), actions=everything, orders=orders) as (session, server):
        await say(session, "hello")
        assert offered(server) == {"end_call", "order_status", "hand_over_to_a_person"}


@pytest.mark.parametrize(
    ("tool", "done"), [("end_call", "goodbye"), ("hand_over_to_a_person", "handed over")]
)
async def test_the_conversation_ends_the_call(tool: str, done: str) -> None:
    """With a goodbye, or by handing it over; nothing is said behind it."""
    desks = Desks()
    actions = Actions(desks.say_goodbye, desks.hand_over)
    async with conversation(calls_tool(tool, "{}"), actions=actions) as (session, server):
        await say(session, "goodbye")
        assert desks.done == [done]
        assert len(server.asked) == 1


async def test_a_caller_is_greeted() -> None:
    """Without having said anything."""
    async with conversation(says("Yes."), greeting="Welcome.") as (session, server):
        await until(lambda: bool(session.history.messages()), 5, "the greeting")
        assert session.history.messages()[0].text_content == "Welcome."
        assert not server.asked


async def test_the_model_is_reminded_of_the_end_of_a_long_call() -> None:
    """And still told what it is."""
    async with conversation(says("Yes.")) as (session, server):
        for _ in range(HISTORY_ITEMS):
            await say(session, "hello")
        assert len(server.asked[-1]["messages"]) <= HISTORY_ITEMS + 1
        assert server.asked[-1]["messages"][0]["content"] == PROMPT


async def test_orders_are_found_by_their_number(orders: Path, tmp_path: Path) -> None:
    """And by nothing else; a database that is not there is no empty one."""
    assert await find_order(orders, "4711") == Order("4711", "on its way")
    assert await find_order(orders, "' OR 1=1 --") is None
    with pytest.raises(OrdersError, match=r"no\.sqlite"):
        await find_order(tmp_path / "no.sqlite", "4711")
