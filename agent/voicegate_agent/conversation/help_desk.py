"""The conversation of the help desk with a language model: what it is told, and what it can do. Edit this to make it yours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from livekit.agents import ToolError, function_tool, llm

from voicegate_agent.conversation.orders import OrdersError, find_order

PROMPT = """\
You are a help desk on the telephone. Answer in one short sentence of plain words, in the caller's language.
Use a tool for what you do not know, and never guess. If you cannot help, or the caller asks for a person, hand the call over.
When the caller says goodbye, end the call.
"""


@dataclass(frozen=True, slots=True)
class Actions:
    """What the conversation may do with the call; `hand_over` is None where there is nobody to hand it to."""

    say_goodbye: Callable[[], None]
    hand_over: Callable[[], Awaitable[None]] | None = None


def help_desk_tools(actions: Actions, orders: Path | None) -> list[llm.Tool]:
    """List what the language model may call."""
    tools: list[llm.Tool] = [_goodbye(actions.say_goodbye)]
    if orders is not None:
        tools.append(_order_status(orders))
    if actions.hand_over is not None:
        tools.append(_hand_over(actions.hand_over))
    return tools


def _order_status(orders: Path) -> llm.Tool:
    @function_tool
    async def order_status(number: str) -> str:
        """Look up the status of an order.

        Args:
            number: The order's number, as digits.
        """
        try:
            order = await find_order(orders, "".join(filter(str.isdigit, number)))
        except OrdersError as error:
            raise ToolError("The orders cannot be looked up now.") from error
        return f"Order {order.number}: {order.status}." if order else f"There is no order {number}."

    return order_status


def _hand_over(hand_over: Callable[[], Awaitable[None]]) -> llm.Tool:
    @function_tool
    async def hand_over_to_a_person() -> None:
        """Hand the call over to a person. Tell the caller so in the same reply: nothing can be said afterwards."""
        await hand_over()

    return hand_over_to_a_person


def _goodbye(say_goodbye: Callable[[], None]) -> llm.Tool:
    @function_tool
    async def end_call() -> None:
        """Say goodbye to the caller, and end the call."""
        say_goodbye()

    return end_call
