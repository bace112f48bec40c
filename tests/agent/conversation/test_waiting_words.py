"""What a caller hears while a reply is waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit.agents import APIConnectionError, FlushSentinel, llm
from voicegate_agent.conversation.waiting_words import Piece, without_silence
from voicegate_agent.phrases import ENGLISH

FLUSH = FlushSentinel()
SORRY = ENGLISH.apology
MOMENT = f"{ENGLISH.one_moment} "


async def reply(*steps: Piece | float | Exception) -> AsyncIterator[Piece]:
    """Come as told: pieces, seconds to wait, an error."""
    for step in steps:
        if isinstance(step, Exception):
            raise step
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            yield step


def chunk(text: str | None = None, *, tool: bool = False) -> llm.ChatChunk:
    """Make a piece as language models give it."""
    calls = [llm.FunctionToolCall(name="order_status", arguments="{}", call_id="1")] if tool else []
    return llm.ChatChunk(id="1", delta=llm.ChoiceDelta(content=text, tool_calls=calls))


def spoken(pieces: list[Piece]) -> list[str]:
    """Show pieces as text; a flush, behind which speech begins at once, is a bar."""
    texts = ["|" if isinstance(piece, FlushSentinel) else piece for piece in pieces]
    return [
        (text.delta.content or "tool") if isinstance(text, llm.ChatChunk) and text.delta else str(text)
        for text in texts
    ]


@pytest.mark.parametrize(
    ("steps", "heard"),
    [
        (("Your ticket ", "is open."), ["Your ticket ", "is open."]),
        ((0.15, "Yes."), [MOMENT, "|", "Yes."]),
        ((0.35, "Yes."), [MOMENT, "|", MOMENT, "|", "Yes."]),
        (("Yes, ", 0.15, "it is."), ["Yes, ", "it is."]),
        ((), [SORRY]),
        ((" ", chunk("")), [" ", "tool", SORRY]),
        ((APIConnectionError("gone"),), [SORRY]),
        ((0.15, APIConnectionError("gone")), [MOMENT, "|", SORRY]),
        (("Your ticket is", APIConnectionError("cut")), ["Your ticket is", "|", SORRY]),
        ((chunk(tool=True),), ["tool"]),
    ],
)
async def test_a_turn_ends_once_and_never_in_silence(
    steps: tuple[Piece | float | Exception, ...], heard: list[str]
) -> None:
    """Slow replies are bridged, those that do not come are apologized for, and a call of a tool is a reply."""
    pieces = [piece async for piece in without_silence(reply(*steps), ENGLISH, 0.1, 0.15)]
    assert spoken(pieces) == heard


async def test_a_reply_that_nobody_waits_for_any_more_is_ended() -> None:
    """An interrupted turn leaves no task behind."""
    before = asyncio.all_tasks()
    held = without_silence(reply("Yes, ", 60.0), ENGLISH, 0.1)
    assert await anext(held) == "Yes, "
    await held.aclose()
    assert asyncio.all_tasks() == before
