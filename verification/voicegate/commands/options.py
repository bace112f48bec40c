"""What every command makes of its options: the settings of an agent, and the gate that judges it."""

import argparse
import sys
from typing import TYPE_CHECKING

from voicegate.gate_checks import check_agent_is_named, check_before_run
from voicegate.settings import GateSettings, load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from voicegate.reported_run import Gate

_PLAIN_WIDTH = 160


def settings_to_run(options: argparse.Namespace) -> GateSettings:
    """Load the settings of an agent that is to be run, and see that all they name is there. Raises SettingsError."""
    settings = load_settings(options.gate)
    check_agent_is_named(settings)
    settings = changed(settings, options)
    check_before_run(settings)
    return settings


def changed(settings: GateSettings, options: argparse.Namespace) -> GateSettings:
    """Put what the options say in place of the file's, and leave out the variants that no criterion needs."""
    from voicegate.criteria_choice import without_unjudged_variants

    scenario = getattr(options, "scenario", None)
    return without_unjudged_variants(
        settings.changed(profile=options.profile, isolation=options.isolation, scenario=scenario)
    )


def gate_of(options: argparse.Namespace, settings: GateSettings) -> "Gate":
    """Make the gate that the options describe. Raises SelectionError when -k selects no criterion, UsageError for a history that cannot be read."""
    from voicegate.criteria_choice import rules_of
    from voicegate.history.history_file import HISTORY
    from voicegate.history.past import Past
    from voicegate.judge.registry import CRITERIA, all_criteria
    from voicegate.judging import check_selection
    from voicegate.report.folder import check_writable
    from voicegate.reported_run import Gate

    rules = rules_of(settings)
    select: str | None = getattr(options, "select", None)
    if select is not None:
        check_selection(select, CRITERIA if getattr(options, "recording", None) is None else all_criteria())
    file = settings.history.file or options.out / HISTORY
    past = Past(file, getattr(options, "baseline", None) or file, settings.history.regression == "fail")
    past.check()
    prometheus = getattr(options, "prometheus", None)
    if prometheus is not None:
        check_writable(prometheus)
    return Gate(
        out_dir=options.out,
        console=console(),
        rules=rules,
        selection=select,
        past=past,
        prometheus=prometheus,
    )


def console() -> "Console":
    """Make a console that wraps to the terminal, and to a fixed width where there is none."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
