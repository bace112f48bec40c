"""The agent says every reply to its end, whoever speaks."""

from livekit.agents.voice.turn import InterruptionOptions, TurnHandlingOptions
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.settings import AgentSettings

NEVER: InterruptionOptions = {"enabled": False, "discard_audio_if_uninterruptible": False}


def interrupt_by(interruption: InterruptionOptions) -> None:
    """Let sessions handle interruptions so."""
    sound = call.turn_handling

    def bent(settings: AgentSettings, *, by_telephone: bool) -> TurnHandlingOptions:
        options = sound(settings, by_telephone=by_telephone)
        options["interruption"] = interruption
        return options

    call.turn_handling = bent


def break_it() -> None:
    """Never be interrupted."""
    interrupt_by(NEVER)


if __name__ == "__main__":
    start_with_broken_calls(break_it)
