"""The agent says every reply to its end, whoever speaks."""

from functools import partial
from typing import Any

from livekit.agents import AgentSession
from livekit.agents.voice.turn import InterruptionOptions
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call

NEVER: InterruptionOptions = {"enabled": False, "discard_audio_if_uninterruptible": False}


def session_with(interruption: InterruptionOptions, **options: Any) -> AgentSession[None]:
    """Make a session that handles interruptions so."""
    turns = {**options.pop("turn_handling"), "interruption": interruption}
    return AgentSession(turn_handling=turns, **options)


def break_it() -> None:
    """Never be interrupted."""
    call.AgentSession = partial(session_with, NEVER)  # type: ignore[misc,assignment]


if __name__ == "__main__":
    start_with_broken_calls(break_it)
