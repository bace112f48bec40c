"""The agent cannot bear silence: it asks whether anybody is there when nothing was said for three seconds."""

import asyncio
from typing import Any

from livekit.agents import AgentSession, AgentStateChangedEvent, UserStateChangedEvent
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.call_guard import CallGuard

SILENCE_S = 3.0

watch = call._watch


def watch_and_ask(session: AgentSession[Any], guard: CallGuard) -> None:
    """Ask after each silence that is long enough."""
    watch(session, guard)
    asking: list[asyncio.TimerHandle] = []

    def restart(_event: AgentStateChangedEvent | UserStateChangedEvent) -> None:
        while asking:
            asking.pop().cancel()
        if session.agent_state == "listening" and session.user_state != "speaking":
            loop = asyncio.get_running_loop()
            asking.append(loop.call_later(SILENCE_S, lambda: session.say("hello how can i help you")))

    session.on("agent_state_changed", restart)
    session.on("user_state_changed", restart)


def break_it() -> None:
    """Be impatient."""
    call._watch = watch_and_ask


if __name__ == "__main__":
    start_with_broken_calls(break_it)
