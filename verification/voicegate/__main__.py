"""The command line of the gate: `voicegate`, installed as `voicegate`."""

import argparse
import asyncio
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from voicegate.capacity.search import Search
from voicegate.capacity.workflow import Plan, find_capacity, isolations_of
from voicegate.command_line import parse
from voicegate.criteria_choice import rules_of, without_idle_acts
from voicegate.doctor.checks import examine
from voicegate.doctor.shown import as_json, as_text, is_ready
from voicegate.doctor.work import work_ahead
from voicegate.drive.errors import DriveError
from voicegate.gate_checks import check_agent_is_named, check_before_run
from voicegate.judge.registry import CRITERIA, all_criteria
from voicegate.judging import JudgingError, SelectionError, check_selection
from voicegate.profiling.asked import check_can_profile
from voicegate.profiling.on_failure import verify_and_profile
from voicegate.profiling.workflow import profile
from voicegate.prove.mutant_file import read_mutants
from voicegate.prove.workflow import Desk, prove
from voicegate.record.recording import RecordingError
from voicegate.repetition import verify_repeatedly
from voicegate.report.folder import ReportError
from voicegate.settings import GateSettings, SettingsError, load_settings
from voicegate.workflow import PROFILED, ExitCode, Gate, judge_again, verify

_PLAIN_WIDTH = 160
_PAGE = ("--web-host", "127.0.0.1")  # who wants Locust's page to be seen from elsewhere says so after it
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
    options = parse(arguments)
    try:
        return _prove(options) if options.command == "prove" else _run(options)
    except (SettingsError, SelectionError) as error:
        return _complain(error, ExitCode.USAGE)
    except (DriveError, JudgingError, RecordingError, ReportError) as error:
        return _complain(error, ExitCode.NOT_MEASURED)


def _run(options: argparse.Namespace) -> ExitCode:
    settings = load_settings(options.gate)
    if getattr(options, "recording", None) is not None:
        return _judge(options, settings)
    check_agent_is_named(settings)
    return _ON_AN_AGENT[options.command](options, _as_asked(settings, options))


def _verify(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    if options.profile_on_failure:
        check_can_profile(settings)
    from voicegate.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need

    gate = _gate(options, settings)
    if options.profile_on_failure:
        return verify_and_profile(gate, settings, run_scenario, partial(run_scenario, notes=_PROFILED_NOTE))
    if options.repeat == 1:
        return verify(gate, settings, run_scenario)
    return verify_repeatedly(gate, settings, run_scenario, options.repeat)


def _soak(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    from voicegate.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need
    from voicegate.drive.soak import soak_scenario  # noqa: PLC0415 - likewise

    scenario = soak_scenario(options.cycles, options.for_s)
    return verify(_gate(options, settings), settings, partial(run_scenario, scenario=scenario))


def _load(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    from voicegate.load.drive import drive_load  # noqa: PLC0415 - seconds that judging does not need
    from voicegate.load.locust_run import check_arguments  # noqa: PLC0415 - likewise

    arguments = [*(_PAGE if options.web else ["--headless"]), "--gate", str(settings.path), *options.locust]
    check_arguments(arguments)
    return verify(_gate(options, settings), settings, partial(drive_load, arguments=arguments))


def _profile(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    check_can_profile(settings)
    from voicegate.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need

    return profile(_gate(options, settings), settings, partial(run_scenario, notes=_PROFILED_NOTE))


def _capacity(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    check_before_run(settings)
    if options.at_least > options.most_calls:
        raise SettingsError(
            f"--at-least {options.at_least} cannot hold with --most-calls {options.most_calls}"
        )
    from voicegate.capacity.drive import drive_search  # noqa: PLC0415 - seconds that judging does not need
    from voicegate.load.locust_run import locust_command  # noqa: PLC0415 - likewise

    locust_command([])  # see that Locust is there
    search = Search(options.most_calls, options.level_time_s)
    plan = Plan(isolations_of(settings, options.isolation), search, options.at_least)
    return find_capacity(_gate(options, settings), settings, plan, drive_search)


def _judge(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    gate = _gate(options, settings)
    path: Path = options.recording
    return (
        judge_again(gate, path) if path.is_file() else _complain(f"{path}: no such recording", ExitCode.USAGE)
    )


def _see_doctor(options: argparse.Namespace, settings: GateSettings) -> ExitCode:
    if settings.agent.attached:
        check_before_run(settings)
    from voicegate.doctor.gather import gather  # noqa: PLC0415 - seconds that judging does not need

    rules_of(settings)
    facts = asyncio.run(gather(settings, options.out))
    answers, work = examine(facts), work_ahead(facts)
    print((as_json if options.json else as_text)(answers, work, facts.plan))
    return ExitCode.PASS if is_ready(answers) else ExitCode.NOT_MEASURED


def _prove(options: argparse.Namespace) -> ExitCode:
    mutants = read_mutants(options.mutants, options.only)
    from voicegate.drive.run import run_scenario  # noqa: PLC0415 - seconds that a mistake in the file need not wait

    return prove(Desk(options.out, _console()), mutants, run_scenario)


def _gate(options: argparse.Namespace, settings: GateSettings) -> Gate:
    rules = rules_of(settings)
    select: str | None = getattr(options, "select", None)
    if select is not None:
        check_selection(select, CRITERIA if getattr(options, "recording", None) is None else all_criteria())
    return Gate(out_dir=options.out, console=_console(), rules=rules, selection=select)


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


_ON_AN_AGENT: dict[str, Callable[[argparse.Namespace, GateSettings], ExitCode]] = {
    "verify": _verify,
    "soak": _soak,
    "load": _load,
    "capacity": _capacity,
    "profile": _profile,
    "doctor": _see_doctor,
}


if __name__ == "__main__":
    main()
