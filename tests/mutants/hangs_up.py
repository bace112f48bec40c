"""The agent hangs up as soon as it has answered, or MUTANT_STAYS_S later, before its caller has said goodbye."""

import asyncio
import os
from typing import Any

from livekit.agents import AgentSession, AgentStateChangedEvent
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.call_guard import CallGuard

watch = call._watch


def watch_and_leave(session: AgentSession[Any], guard: CallGuard) -> None:
    """Leave when the first reply has been said."""
    watch(session, guard)

    def on_state(event: AgentStateChangedEvent) -> None:
        if event.old_state == "speaking":
            stays_s = float(os.environ.get("MUTANT_STAYS_S", "0"))
            asyncio.get_running_loop().call_later(stays_s, guard.ctx.shutdown, "everything has been said")

    session.on("agent_state_changed", on_state)


def break_it() -> None:
    """Be in a hurry."""
    call._watch = watch_and_leave


if __name__ == "__main__":
    start_with_broken_calls(break_it)
