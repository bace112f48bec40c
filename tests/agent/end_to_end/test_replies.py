"""Replies from a chat endpoint, what a caller hears when it does not answer, and what it is told of replies that were cut off."""

import asyncio
import json
from collections.abc import Callable
from functools import partial

import pytest
from fakes.chat_servers import chat_server, says
from live import StartAgent, until
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate_agent.call_guard import FAILED_ATTRIBUTE, STRIKES, Ending
from voicegate_agent.phrases import ENGLISH

from .conftest import Participant
from .speakers import CODE, OTHER_CODE, dialed

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

ANSWER_TIMEOUT_S = 60.0
LONG_REPLY = " ".join(f"This is sentence number {number} of a long reply." for number in range(1, 12))


async def test_chat_endpoint_answers_the_caller(
    start_agent: StartAgent, participant: Callable[[str], Participant]
) -> None:
    """A slow one too, whom nobody would believe to be there for 4 s; importing its client blocks no call."""
    async with (
        chat_server(says("I am Ada. ", "Who are you?", after_s=4)) as endpoint,
        start_agent(VOICEGATE_REPLIES_URL=endpoint.url, VOICEGATE_REPLIES_MODEL="Ada") as agent,
    ):
        caller = participant("test-chat-endpoint")
        await caller.join()
        await until(lambda: "lk.agent.state" in caller.agent_attributes, ANSWER_TIMEOUT_S, "an agent listens")
        await caller.write("hello")
        await until(lambda: caller.heard_samples > 1_000, 4.0, "one moment")
        await until(lambda: "I am Ada. Who are you?" in caller.said, ANSWER_TIMEOUT_S, "the endpoint's reply")
        assert caller.said == ["One moment please. ", "I am Ada. Who are you?"]
        assert endpoint.asked[0]["model"] == "Ada"
        assert "event loop blocked" not in agent.log()


async def test_an_endpoint_that_is_gone_ends_the_call_with_a_word(
    start_agent: StartAgent, participant: Callable[[str], Participant]
) -> None:
    """Each turn that it costs is apologized for, and the third is the last; the caller's side sees a code."""
    endpoint = {"VOICEGATE_REPLIES_URL": "http://127.0.0.1:9/v1", "VOICEGATE_REPLIES_MODEL": "Ada"}
    async with start_agent(**endpoint) as agent:
        caller = participant("test-lost-turn")
        await caller.join()
        await until(lambda: "lk.agent.state" in caller.agent_attributes, ANSWER_TIMEOUT_S, "an agent listens")
        for turn in range(1, STRIKES + 1):
            await caller.write("hello")
            await until(partial(apologies, caller, turn), ANSWER_TIMEOUT_S, f"apology {turn}")
        await until(lambda: ENGLISH.failed in caller.said, ANSWER_TIMEOUT_S, "the last words")
        await until(lambda: not caller.room.isconnected(), ANSWER_TIMEOUT_S, "the call is ended")
        assert caller.agent_attributes[FAILED_ATTRIBUTE] == Ending.FAILED
        assert "Traceback" not in agent.log()


def apologies(caller: Participant, count: int) -> bool:
    """Whether so many apologies came."""
    return caller.said.count(ENGLISH.apology) == count


async def test_the_history_keeps_what_was_really_said(
    start_agent: StartAgent, livekit: LiveKitServer
) -> None:
    """Of a reply that the caller interrupted the model is shown the beginning only."""
    async with (
        chat_server(says(LONG_REPLY)) as endpoint,
        start_agent(VOICEGATE_REPLIES_URL=endpoint.url, VOICEGATE_REPLIES_MODEL="m"),
        dialed(livekit) as speaker,
    ):
        await speaker.say(CODE)
        await speaker.hear_beginning()
        await asyncio.sleep(2.0)  # of the reply are heard
        await speaker.say(OTHER_CODE)
        await until(
            lambda: len(endpoint.asked) > 1 and "six" in json.dumps(endpoint.asked[-1]),
            ANSWER_TIMEOUT_S,
            "the next turn",
        )
        kept = [one["content"] for one in endpoint.asked[-1]["messages"] if one["role"] == "assistant"]
        assert len(kept) == 1
        assert 0 < len(kept[0]) < len(LONG_REPLY) / 2
        assert LONG_REPLY.startswith(kept[0].strip())
