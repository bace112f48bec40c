"""`voicegate trend`: how the figures went over the last runs, as a page."""

import argparse

from voicegate.commands.options import console
from voicegate.exit_codes import ExitCode, UsageError


def run(options: argparse.Namespace) -> ExitCode:
    """Follow the figures of the last run in the history. Raises UsageError when there is none."""
    from voicegate.history.history_file import read_history
    from voicegate.history.pages import trend_report
    from voicegate.history.trend import make_trend
    from voicegate.report.folder import PAGE, write_report
    from voicegate.report.terminal import show

    history = read_history(options.history)
    if options.scenario is not None:
        history = history.of_scenario(options.scenario)
    trend = make_trend(history, options.last)
    if not trend.runs:
        of = "" if options.scenario is None else f" of the scenario {options.scenario}"
        raise UsageError(
            f"{options.history}: no run{of} in this history; each `voicegate verify` appends one to it"
        )
    folder = options.out or options.history.parent / "trend"
    folder.mkdir(parents=True, exist_ok=True)
    report = trend_report(trend)
    write_report(folder, report)
    show(console(), report)
    print(f"Report: {folder / PAGE}")
    return ExitCode.PASS
