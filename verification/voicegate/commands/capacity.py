"""`voicegate capacity`: how many calls can talk at once."""

import argparse
from functools import partial

from voicegate.commands.options import gate_of, settings_to_run
from voicegate.exit_codes import ExitCode, UsageError


def run(options: argparse.Namespace) -> ExitCode:
    """Search as far as the options say. Raises UsageError when they contradict each other."""
    settings = settings_to_run(options)
    if options.at_least > options.most_calls:
        raise UsageError(f"--at-least {options.at_least} cannot hold with --most-calls {options.most_calls}")
    from voicegate.capacity.drive import drive_search
    from voicegate.capacity.search import Search
    from voicegate.capacity.workflow import Plan, find_capacity, isolations_of
    from voicegate.load.locust_run import locust_command

    locust_command([])  # see that Locust is there
    search = Search(options.most_calls, options.level_time_s)
    plan = Plan(isolations_of(settings, options.isolation), search, options.at_least)
    gate = gate_of(options, settings)
    return find_capacity(gate, settings, plan, partial(drive_search, search=search, rules=gate.rules))
