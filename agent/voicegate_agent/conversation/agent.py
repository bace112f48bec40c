"""The agent that callers talk to: how it begins, and how it replies whatever the language model does."""

from collections.abc import AsyncGenerator, Sequence

from livekit.agents import Agent, ModelSettings, llm

from voicegate_agent.conversation.waiting_words import Piece, without_silence
from voicegate_agent.phrases import Phrases

HISTORY_ITEMS = 40
"""How much of a call the language model is reminded of; an endless history ends in errors of the endpoint."""


class ConversationAgent(Agent):
    """Greets, replies with the session's language model, and never leaves a caller without a word for long."""

    def __init__(
        self,
        phrases: Phrases,
        one_moment_after_s: float,
        *,
        greeting: str | None = None,
        prompt: str = "",
        tools: Sequence[llm.Tool] = (),
    ) -> None:
        super().__init__(instructions=prompt, tools=list(tools))
        self._phrases = phrases
        self._one_moment_after_s = one_moment_after_s
        self._greeting = greeting

    async def on_enter(self) -> None:
        """Greet, if there is a greeting."""
        if self._greeting:
            self.session.say(self._greeting)

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[Piece, None]:
        """Ask the language model, and say something in its place when it is slow or fails."""
        remembered = chat_ctx.copy().truncate(max_items=HISTORY_ITEMS)
        reply = Agent.default.llm_node(self, remembered, tools, model_settings)
        async for piece in without_silence(reply, self._phrases, self._one_moment_after_s):
            yield piece
