"""The agent is silent for good at the shortest sound of the caller."""

from livekit.agents.voice.turn import InterruptionOptions
from mutants.broken_agent import start_with_broken_calls
from mutants.never_stops import interrupt_by

AT_ONCE: InterruptionOptions = {"mode": "vad", "min_duration": 0.02, "resume_false_interruption": False}


def break_it() -> None:
    """Be easily interrupted, also by what is no speech."""
    interrupt_by(AT_ONCE)


if __name__ == "__main__":
    start_with_broken_calls(break_it)
