"""`voicegate compare`: what changed between two runs beyond noise."""

import argparse
from pathlib import Path

from voicegate.commands.options import console
from voicegate.exit_codes import ExitCode
from voicegate.settings import load_settings


def run(options: argparse.Namespace) -> ExitCode:
    """Compare the two sides that the options name. Raises UsageError when one of them is not there."""
    from voicegate.history.comparison import compare, read_runs
    from voicegate.history.history_file import HISTORY, read_history
    from voicegate.history.pages import comparison_report
    from voicegate.report.folder import write_report
    from voicegate.report.terminal import show
    from voicegate.report.verdict import Verdict

    def judge(path: Path) -> Verdict:
        from voicegate.criteria_choice import rules_of
        from voicegate.record.recording import read_header
        from voicegate.workflow import judged

        settings = load_settings(options.gate).changed(profile=read_header(path).profile)
        return judged(path, rules_of(settings))

    before, after = (read_runs(path, judge) for path in (options.before, options.after))
    beside = options.before.resolve().parent
    history = options.history or (beside if before.path.is_dir() else beside.parent) / HISTORY
    report = comparison_report(
        compare(before, after, read_history(history)), str(options.before), str(options.after)
    )
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        write_report(options.out, report)
    show(console(), report)
    return ExitCode.PASS
