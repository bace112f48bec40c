"""`voicegate profile`: which lines of the agent hold memory, and what each call adds."""

import argparse
from functools import partial

from voicegate.commands.options import gate_of, settings_to_run
from voicegate.exit_codes import ExitCode
from voicegate.profiling.profiled_agent import check_can_profile


def run(options: argparse.Namespace) -> ExitCode:
    """Drive a scenario under memray; nothing is judged."""
    settings = settings_to_run(options)
    check_can_profile(settings)
    from voicegate.drive.run import run_scenario
    from voicegate.profiling.workflow import profile
    from voicegate.workflow import PROFILED_NOTE

    return profile(gate_of(options, settings), settings, partial(run_scenario, notes=PROFILED_NOTE))
