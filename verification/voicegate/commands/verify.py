"""`voicegate verify`: drive a scenario, judge it, report."""

import argparse
from functools import partial

from voicegate.commands import judge
from voicegate.commands.options import gate_of, settings_to_run
from voicegate.exit_codes import ExitCode
from voicegate.profiling.profiled_agent import check_can_profile


def run(options: argparse.Namespace) -> ExitCode:
    """Verify once, or repeatedly, or with a profile after a failure; with --judge only judge."""
    if options.recording is not None:
        return judge.run(options)
    settings = settings_to_run(options)
    if options.profile_on_failure:
        check_can_profile(settings)
    from voicegate.drive.run import run_scenario
    from voicegate.judge.stabilizes import undecided
    from voicegate.profiling.on_failure import verify_and_profile
    from voicegate.repetition import verify_repeatedly
    from voicegate.workflow import PROFILED_NOTE, verify

    gate = gate_of(options, settings)
    asking = partial(undecided, rules=gate.rules)
    drive = partial(run_scenario, undecided=asking) if gate.selection is None else run_scenario
    if options.profile_on_failure:
        return verify_and_profile(gate, settings, drive, partial(run_scenario, notes=PROFILED_NOTE))
    if options.repeat == 1:
        return verify(gate, settings, drive)
    return verify_repeatedly(gate, settings, drive, options.repeat)
