"""`voicegate scenario check`: whether a scenario file can be played, and what it plays."""

import argparse

from voicegate.exit_codes import ExitCode
from voicegate.settings import load_settings


def run(options: argparse.Namespace) -> ExitCode:
    """Read the file, look for its clips, and say what each step does. Raises SettingsError."""
    settings = load_settings(options.gate)
    from voicegate.drive.clips.library import read_manifest
    from voicegate.drive.scenario import describe, scripted
    from voicegate.drive.script_file import described, read_script_file

    clips = frozenset(record.name for record in read_manifest(settings.scenario.clips).clips)
    file = read_script_file(options.file, clips)
    print("\n".join(described(file)))
    print(describe(scripted(file).steps))
    return ExitCode.PASS
