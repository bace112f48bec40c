"""`voicegate prove`: the gate itself, tried on broken agents."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from voicegate.commands.options import console
from voicegate.exit_codes import ExitCode

if TYPE_CHECKING:
    from voicegate.prove.mutant_file import Mutant
    from voicegate.reported_run import Drive


def run(options: argparse.Namespace) -> ExitCode:
    """Verify the mutants of a file, or those that are named."""
    from voicegate.prove.mutant_file import read_mutants

    mutants = read_mutants(options.mutants, options.only)
    from voicegate.judge.registry import Rules
    from voicegate.prove.workflow import prove
    from voicegate.reported_run import Gate

    return prove(Gate(options.out, console(), Rules()), mutants, _drive_of)


def _drive_of(mutant: "Mutant") -> "Drive":
    """Play the scenario of its settings, or let Locust call it, to the end."""
    if mutant.load is None:
        from voicegate.drive.run import run_scenario

        return run_scenario
    from voicegate.load.drive import drive_load

    arguments = ("--headless", "--gate", str(mutant.settings.path), *mutant.load)
    return partial(drive_load, arguments=arguments, early_stop=False)
