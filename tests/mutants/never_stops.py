"""The agent says every reply to its end, whoever speaks."""

from functools import partial
from typing import Any

from livekit.agents import AgentSession
from livekit.agents.voice.turn import InterruptionOptions, TurnHandlingOptions
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call

NEVER: InterruptionOptions = {"enabled": False, "discard_audio_if_uninterruptible": False}


def session_with(
    interruption: InterruptionOptions, *, turn_handling: TurnHandlingOptions, **options: Any
) -> AgentSession[None]:
    """Make a session that handles interruptions so."""
    turn_handling["interruption"] = interruption
    return AgentSession(turn_handling=turn_handling, **options)


def break_it() -> None:
    """Never be interrupted."""
    call.AgentSession = partial(session_with, NEVER)


if __name__ == "__main__":
    start_with_broken_calls(break_it)
