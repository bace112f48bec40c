"""`voicegate doctor`: whether a run can be made, and what it would build or download first."""

import argparse
import asyncio

from voicegate.commands.options import changed
from voicegate.exit_codes import ExitCode
from voicegate.gate_checks import check_agent_is_named, check_before_run
from voicegate.settings import DEFAULTS, load_settings


def run(options: argparse.Namespace) -> ExitCode:
    """Look at everything, change nothing; without a gate file, look at the machine."""
    settings = load_settings(options.gate)
    if settings.path != DEFAULTS:
        check_agent_is_named(settings)
    settings = changed(settings, options)
    if settings.agent.attached:
        check_before_run(settings)
    from voicegate.doctor.checks import examine
    from voicegate.doctor.gather import gather
    from voicegate.doctor.output import as_json, as_text, is_ready
    from voicegate.doctor.work import work_ahead

    facts = asyncio.run(gather(settings, options.out))
    answers, work = examine(facts), work_ahead(facts)
    print(settings.secrets().hide((as_json if options.json else as_text)(answers, work, facts.plan)))
    return ExitCode.PASS if is_ready(answers) else ExitCode.NOT_MEASURED
