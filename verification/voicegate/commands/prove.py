"""`voicegate prove`: the gate itself, tried on agents that are each broken in one way."""

import argparse

from voicegate.commands.asked import console
from voicegate.exit_codes import ExitCode


def run(options: argparse.Namespace) -> ExitCode:
    """Verify the mutants of a file, or those that are named."""
    from voicegate.prove.mutant_file import read_mutants

    mutants = read_mutants(options.mutants, options.only)
    from voicegate.drive.run import run_scenario
    from voicegate.prove.workflow import Desk, prove

    return prove(Desk(options.out, console()), mutants, run_scenario)
