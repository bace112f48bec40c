"""Locust without its configuration files: `python -m voicegate.load.plain_locust` takes Locust's options and reads nothing else.

Locust would look into the user's home and the working folder. Another HOME would hide them, and with them the folders that a gate file
names by `~` and what `pip install --user` installed.
"""

import signal

from locust import argument_parser  # first of all others: it lets gevent take over

# isort: split
import gevent
from locust.main import main


class _Parser(argument_parser.LocustArgumentParser):
    """A parser that has no files of its own; those that `--config` names are read."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options | {"default_config_files": ()})


def _interrupt() -> None:
    """Raise KeyboardInterrupt where Locust waits for it: Python would in whatever runs just then, which may swallow it."""
    gevent.get_hub().handle_system_error(KeyboardInterrupt, KeyboardInterrupt())


if __name__ == "__main__":
    gevent.signal_handler(signal.SIGINT, _interrupt)
    argument_parser.LocustArgumentParser = _Parser  # type: ignore[misc]
    main()  # type: ignore[no-untyped-call]
