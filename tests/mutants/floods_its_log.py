"""Every call works, and writes 8 MB into the agent's log."""

import logging

from mutants.broken_agent import start_with_broken_calls

LINES, LINE_BYTES = 160, 50_000


def break_it() -> None:
    """Write down everything."""
    log = logging.getLogger("voicegate_agent.call")
    for _ in range(LINES):
        log.info("%s", "x" * LINE_BYTES)


if __name__ == "__main__":
    start_with_broken_calls(break_it)
