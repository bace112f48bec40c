"""`voicegate judge`: judge a recording again, running nothing."""

import argparse
from pathlib import Path

from voicegate.commands.options import gate_of
from voicegate.exit_codes import ExitCode, UsageError
from voicegate.settings import load_settings


def run(options: argparse.Namespace) -> ExitCode:
    """Judge the recording that the options name. Raises UsageError when there is none."""
    path: Path = options.recording
    if not path.is_file():
        raise UsageError(f"{path}: no such recording")
    from voicegate.record.recording import read_header
    from voicegate.workflow import judge_again

    settings = load_settings(options.gate).changed(profile=read_header(path).profile)
    return judge_again(gate_of(options, settings), path)
