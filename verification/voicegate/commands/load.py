"""`voicegate load`: many callers at once, by Locust."""

import argparse
import shlex
from functools import partial

from voicegate.commands.options import gate_of, settings_to_run
from voicegate.exit_codes import ExitCode

_PAGE = ("--web-host", "127.0.0.1")  # who wants Locust's page to be seen from elsewhere says so after it


def run(options: argparse.Namespace) -> ExitCode:
    """Give Locust the options that are its own, and judge what its callers met."""
    settings = settings_to_run(options)
    from voicegate.load.drive import drive_load
    from voicegate.load.locust_run import check_arguments
    from voicegate.workflow import verify

    arguments = [
        *(_PAGE if options.web else ["--headless"]),
        "--gate",
        str(settings.path.absolute()),
        *options.locust,
    ]
    check_arguments(arguments)
    asked = shlex.join(options.locust)
    drive = partial(drive_load, arguments=arguments, early_stop=not options.no_early_stop, asked=asked)
    return verify(gate_of(options, settings), settings, drive)
