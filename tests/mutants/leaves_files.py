"""Every call leaves a temporary file behind."""

import tempfile

from mutants.broken_agent import start_with_broken_calls


def break_it() -> None:
    """Write down what was said, as a recognizer that takes files would, and never delete it."""
    with tempfile.NamedTemporaryFile(prefix="utterance-", suffix=".wav", delete=False) as file:
        file.write(bytes(32_000))


if __name__ == "__main__":
    start_with_broken_calls(break_it)
