"""The agent answers, and a moment later answers again."""

import asyncio
from typing import Any

from livekit.agents import AgentSession, SpeechCreatedEvent
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.call_guard import CallGuard

AGAIN_AFTER_S = 1.3
AGAIN = "thank you"

watch = call._watch


def watch_and_answer_twice(session: AgentSession[Any], guard: CallGuard) -> None:
    """Say something more after each reply that was said to its end."""
    watch(session, guard)

    def on_speech(event: SpeechCreatedEvent) -> None:
        if event.source != "say":
            event.speech_handle.add_done_callback(lambda done: None if done.interrupted else again())

    def again() -> None:
        asyncio.get_running_loop().call_later(AGAIN_AFTER_S, lambda: session.say(AGAIN))

    session.on("speech_created", on_speech)


def break_it() -> None:
    """Have the last word."""
    call._watch = watch_and_answer_twice


if __name__ == "__main__":
    start_with_broken_calls(break_it)
