"""Every call works, and logs an error all the same."""

import logging

from mutants.broken_agent import start_with_broken_calls


def break_it() -> None:
    """Complain."""
    logging.getLogger("voicegate_agent.call").error(
        "the call's statistics could not be sent: connection refused"
    )


if __name__ == "__main__":
    start_with_broken_calls(break_it)
