"""`voicegate simulate`: how often the criteria are wrong, on simulated runs of good and bad agents."""

import argparse
import os

from voicegate.commands.options import console
from voicegate.exit_codes import ExitCode


def run(options: argparse.Namespace) -> ExitCode:
    """Simulate what the options say; with --markdown also write the page."""
    from rich.console import Console

    from voicegate.report.folder import write_text
    from voicegate.simulate.table import markdown
    from voicegate.simulate.workflow import simulate

    processes = options.processes or len(os.sched_getaffinity(0))
    progress_on = Console(stderr=True, highlight=False)
    code, rates = simulate(options.runs, options.only, options.seed, processes, console(), progress_on)
    if options.markdown is not None:
        write_text(options.markdown, markdown(rates, options.runs, options.seed))
    return code
