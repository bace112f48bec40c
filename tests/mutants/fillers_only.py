"""The agent asks every caller to wait, and says nothing more."""

from mutants.broken_agent import start_with_broken_calls
from voicegate_agent.conversation import scripted

FILLER = "one moment please"


def break_it() -> None:
    """Have nothing but a filler to say."""
    scripted.reply_to = lambda _text: FILLER


if __name__ == "__main__":
    start_with_broken_calls(break_it)
