"""The scripted help desk: a reply for every utterance, the same each time, so that a call can be checked by ear.

A code that the caller spells out is repeated in the reply, which tells a listener whose call it was.
"""

import re
from typing import Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, llm

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CODE_MIN_DIGITS = 3

ASK_TO_REPEAT = "Can you repeat that please?"
SCRIPT = (
    (r"\bstatus\b.*\border\b|\bwhere\b.*\b(order|package)\b", "Your order is on its way."),
    (r"\breset\b.*\bpassword\b", "Your password is reset."),
    (r"\bbook\b.*\broom\b", "Your room is ready."),
    (r"\bticket\b", "Your ticket is open."),
    (r"\bemail\b", "The email is sent."),
    (r"\bhelp\b", "I can help you with that."),
    (r"\bthanks?\b|\bgoodbye\b", "Thank you, goodbye."),
    (r"\b(hello|hi)\b", "Hello, how can I help you?"),
)

_DIGIT = "|".join(DIGITS)
_CODE = re.compile(rf"\b(?:{_DIGIT})(?: (?:{_DIGIT})){{{CODE_MIN_DIGITS - 1},}}\b")
_SCRIPT = tuple((re.compile(pattern), reply) for pattern, reply in SCRIPT)


def reply_to(text: str) -> str:
    """Answer what a caller said: a spelled-out code first, then the first entry of the script that fits."""
    words = " ".join(re.findall(r"[a-z]+", _spell_digits(text.lower())))
    if code := _CODE.search(words):
        return f"Your code is {code.group()}."
    return next((reply for pattern, reply in _SCRIPT if pattern.search(words)), ASK_TO_REPEAT)


def _spell_digits(text: str) -> str:
    return re.sub(r"\d", lambda digit: f" {DIGITS[int(digit.group())]} ", text)


class ScriptedReplies(llm.LLM[Any]):
    """The help desk where LiveKit expects a language model."""

    @property
    def model(self) -> str:
        """The name under which LiveKit reports it."""
        return "scripted-help-desk"

    @property
    def provider(self) -> str:
        """The name under which LiveKit reports where it runs."""
        return "voicegate"

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
        """Answer the last thing the caller said; tools and options are of no use to a script."""
        del parallel_tool_calls, tool_choice, extra_kwargs
        return _ScriptedStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _ScriptedStream(llm.LLMStream):
    async def _run(self) -> None:
        reply = reply_to(_last_heard(self._chat_ctx))
        delta = llm.ChoiceDelta(role="assistant", content=reply)
        self._event_ch.send_nowait(llm.ChatChunk(id="scripted", delta=delta))


def _last_heard(chat_ctx: llm.ChatContext) -> str:
    said = [item for item in chat_ctx.items if isinstance(item, llm.ChatMessage) and item.role == "user"]
    return (said[-1].text_content or "") if said else ""
