"""`voicegate soak`: the same call over and over, judged like any run."""

import argparse
from functools import partial

from voicegate.commands.options import gate_of, settings_to_run
from voicegate.exit_codes import ExitCode


def run(options: argparse.Namespace) -> ExitCode:
    """Call as often, or for as long, as the options say."""
    settings = settings_to_run(options)
    from voicegate.drive.run import run_scenario
    from voicegate.drive.soak import soak_scenario
    from voicegate.record.events import ASKED
    from voicegate.workflow import verify

    scenario = soak_scenario(options.cycles, options.for_s)
    asked = f"{options.cycles} cycles" if options.for_s is None else f"for {options.for_s:g} s"
    drive = partial(run_scenario, scenario=scenario, notes={ASKED: asked})
    return verify(gate_of(options, settings), settings, drive)
