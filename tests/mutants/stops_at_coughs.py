"""The agent is silent for good at the shortest sound of the caller."""

from functools import partial

from livekit.agents.voice.turn import InterruptionOptions
from mutants.broken_agent import start_with_broken_calls
from mutants.never_stops import session_with
from voicegate_agent import call

AT_ONCE: InterruptionOptions = {"mode": "vad", "min_duration": 0.02, "resume_false_interruption": False}


def break_it() -> None:
    """Be easily interrupted, also by what is no speech."""
    call.AgentSession = partial(session_with, AT_ONCE)


if __name__ == "__main__":
    start_with_broken_calls(break_it)
