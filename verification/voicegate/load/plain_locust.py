"""Locust without its configuration files: `python -m voicegate.load.plain_locust` takes Locust's options and reads nothing else.

Locust would look into the user's home and the working folder. Another HOME would hide them, and with them the folders that a gate file
names by `~` and what `pip install --user` installed.
"""

from locust import argument_parser  # first of all: it lets gevent take over
from locust.main import main


class _Parser(argument_parser.LocustArgumentParser):
    """A parser that has no files of its own; those that `--config` names are read."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options | {"default_config_files": ()})


if __name__ == "__main__":
    argument_parser.LocustArgumentParser = _Parser  # type: ignore[misc]
    main()  # type: ignore[no-untyped-call]
