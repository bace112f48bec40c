"""The command line of the gate: `python -m verification`, installed as `voicegate`."""

import argparse
import asyncio
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from verification.command_line import make_parser
from verification.criteria_choice import rules_of, without_idle_acts
from verification.doctor.checks import examine
from verification.doctor.shown import as_json, as_text, is_ready
from verification.doctor.work import work_ahead
from verification.drive.errors import DriveError
from verification.gate_checks import check_before_run
from verification.plugin import SelectionError, check_selection
from verification.profiling.asked import check_can_profile
from verification.profiling.on_failure import verify_and_profile
from verification.profiling.workflow import profile
from verification.prove.mutant_file import read_mutants
from verification.prove.workflow import Desk, prove
from verification.record.recording import RecordingError
from verification.repetition import verify_repeatedly
from verification.report.folder import ReportError
from verification.settings import GateSettings, SettingsError, load_settings
from verification.workflow import PROFILED, ExitCode, Gate, judge_again, verify

_PLAIN_WIDTH = 160
_PROFILED_NOTE = {PROFILED: "by memray"}


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        code = run(sys.argv[1:])
    except Exception:  # noqa: BLE001 - Python would exit with 1, which says that a criterion failed
        traceback.print_exc()
        code = ExitCode.NOT_MEASURED
    sys.exit(code)


def run(arguments: Sequence[str]) -> ExitCode:
    """Do what the arguments say; every error ends here, as one message on stderr and an exit code."""
    options = make_parser().parse_args(arguments)
    try:
        return _prove(options) if options.command == "prove" else _run(options)
    except (SettingsError, SelectionError) as error:
        return _complain(error, ExitCode.USAGE)
    except (DriveError, RecordingError, ReportError) as error:
        return _complain(error, ExitCode.NOT_MEASURED)


def _run(options: argparse.Namespace) -> ExitCode:
    settings = load_settings(options.gate)
    match options.command:
        case "verify" if options.recording is None:
            return _verify(options, _as_asked(settings, options))
        case "soak":
            return _soak(options, _as_asked(settings, options))
        case "profile":
            return _profile(options, _as_asked(settings, options))
        case "doctor":
            return _see_doctor(options, _as_asked(settings, options))
        case _:
            return _judge(options, settings)


def _verify(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    if options.profile_on_failure:
        check_can_profile(settings)
    from verification.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need

    gate = _gate(options, settings)
    if options.profile_on_failure:
        return verify_and_profile(gate, settings, run_scenario, partial(run_scenario, notes=_PROFILED_NOTE))
    if options.repeat == 1:
        return verify(gate, settings, run_scenario)
    return verify_repeatedly(gate, settings, run_scenario, options.repeat)


def _soak(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    from verification.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need
    from verification.drive.soak import soak_scenario  # noqa: PLC0415 - likewise

    scenario = soak_scenario(options.cycles, options.for_s)
    return verify(_gate(options, settings), settings, partial(run_scenario, scenario=scenario))


def _profile(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    check_can_profile(settings)
    from verification.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need

    return profile(_gate(options, settings), settings, partial(run_scenario, notes=_PROFILED_NOTE))


def _judge(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    gate = _gate(options, settings)
    path: Path = options.recording
    return (
        judge_again(gate, path) if path.is_file() else _complain(f"{path}: no such recording", ExitCode.USAGE)
    )


def _see_doctor(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    if settings.agent.attached:
        check_before_run(settings)
    from verification.doctor.gather import gather  # noqa: PLC0415 - seconds that judging does not need

    rules_of(settings)
    facts = asyncio.run(gather(settings, options.out))
    answers, work = examine(facts), work_ahead(facts)
    print((as_json if options.json else as_text)(answers, work, facts.plan))
    return ExitCode.PASS if is_ready(answers) else ExitCode.NOT_MEASURED


def _prove(options: argparse.Namespace) -> ExitCode:
    mutants = read_mutants(options.mutants, options.only)
    from verification.drive.run import run_scenario  # noqa: PLC0415 - seconds that a mistake in the file need not wait

    return prove(Desk(options.out, _console()), mutants, run_scenario)


def _gate(options: argparse.Namespace, settings: GateSettings) -> Gate:
    rules = rules_of(settings)
    if options.select is not None:
        check_selection(options.select)
    return Gate(out_dir=options.out, console=_console(), rules=rules, selection=options.select)


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


def _as_asked(settings: GateSettings, options: argparse.Namespace) -> GateSettings:
    asked = settings.changed(
        profile=options.profile, isolation=options.isolation, scenario=getattr(options, "scenario", None)
    )
    return without_idle_acts(asked)


def _complain(message: object, code: ExitCode) -> ExitCode:
    print(f"voicegate: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
