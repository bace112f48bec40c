"""Nothing is wrong with this agent's calls, but its source can reset the shared models: nobody has called it, yet."""

from mutants.broken_agent import start
from voicegate_agent.model_host import shared_instances


def cleanup() -> None:
    """Give both models up."""
    shared_instances._SHARED_ASR_MODEL = None
    shared_instances._SHARED_TTS_ENGINE = None


if __name__ == "__main__":
    start()
