"""The command line of the gate: `python -m verification`, installed as `voicegate`."""

import argparse
import re
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn, get_args

from rich.console import Console

from verification.drive.errors import DriveError
from verification.plugin import SelectionError, check_selection
from verification.prove.mutant_file import read_mutants
from verification.prove.workflow import Desk, prove
from verification.record.recording import RecordingError
from verification.report.folder import ReportError
from verification.settings import DEFAULT_GATE, GateSettings, ScenarioName, SettingsError, load_settings
from verification.workflow import ExitCode, Gate, judge_again, rules_of, verify

_DESCRIPTION = """\
Starts a LiveKit voice agent, calls it with real speech, records what it does to memory, log and callers, and
says whether the release may ship."""

_EPILOG = """\
examples:
  voicegate verify                          this project's agent, full-size models, about 6 minutes
  voicegate verify --isolation thread       the same with calls in threads
  voicegate verify --profile micro --scenario short
                                            a quick look with the small models
  voicegate verify --gate my-agent.toml     your own agent
  voicegate soak --for 2h                   one call after the other, for two hours
  voicegate judge reports/out/latest/recording.jsonl
                                            judge a recording again, without running anything
  voicegate judge recording.jsonl -k "C5 or C6"
                                            only some criteria (an expression as for pytest -k)
  voicegate prove tests/mutants/prove.toml  the gate itself: is every broken agent caught, and for the right reason?

in a checkout of this project:
  nox -s verify -- --isolation thread       options go behind the two dashes

exit codes:
  0  every criterion that was run passed
  1  a criterion failed
  2  wrong usage: options, gate file, no such recording
  3  something could not be measured or written; nothing failed as far as it was"""


_PLAIN_WIDTH = 160


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
    options = _parser().parse_args(arguments)
    try:
        return _prove(options) if options.command == "prove" else _run(options)
    except (SettingsError, SelectionError) as error:
        return _complain(error, ExitCode.USAGE)
    except (DriveError, RecordingError, ReportError) as error:
        return _complain(error, ExitCode.NOT_MEASURED)


def _run(options: argparse.Namespace) -> ExitCode:
    settings = _settings(options)
    if options.select is not None:
        check_selection(options.select)
    gate = Gate(
        out_dir=options.out,
        console=_console(),
        rules=rules_of(settings),
        selection=options.select,
    )
    if options.recording is None:
        from verification.drive.run import run_scenario  # noqa: PLC0415 - seconds that judging does not need

        if options.command == "soak":
            from verification.drive.soak import soak_scenario  # noqa: PLC0415 - likewise

            scenario = soak_scenario(options.cycles, options.for_s)
            return verify(gate, settings, partial(run_scenario, scenario=scenario))
        return verify(gate, settings, run_scenario)
    if not options.recording.is_file():
        return _complain(f"{options.recording}: no such recording", ExitCode.USAGE)
    return judge_again(gate, options.recording)


def _prove(options: argparse.Namespace) -> ExitCode:
    mutants = read_mutants(options.mutants, options.only)
    from verification.drive.run import run_scenario  # noqa: PLC0415 - seconds that a mistake in the file need not wait

    return prove(Desk(options.out, _console()), mutants, run_scenario)


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


def _settings(options: argparse.Namespace) -> GateSettings:
    settings = load_settings(options.gate)
    if options.command == "judge":
        return settings
    scenario = options.scenario if options.command == "verify" else None
    return settings.changed(profile=options.profile, isolation=options.isolation, scenario=scenario)


def _complain(message: object, code: ExitCode) -> ExitCode:
    print(f"voicegate: {message}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="voicegate",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    verifying = commands.add_parser(
        "verify",
        help="drive a scenario, judge it, report",
        description="Drive a scenario against an agent, judge the recording and write a report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    soaking = _add_soak(commands)
    for command in (verifying, soaking):
        command.add_argument(
            "--profile", help="models the agent is to run: rehearsal (default), micro, production"
        )
        command.add_argument("--isolation", help="what a call runs in: process (default) or thread")
    verifying.add_argument("--scenario", choices=get_args(ScenarioName), help="what to drive (default: full)")
    verifying.add_argument(
        "--judge",
        dest="recording",
        type=Path,
        metavar="FILE",
        help="drive nothing: judge this recording again",
    )
    judging = commands.add_parser(
        "judge",
        help="judge a recording again",
        description="Judge a recording that is there already and write a new report.",
    )
    judging.add_argument("recording", type=Path, metavar="FILE", help="recording.jsonl of an earlier run")
    for command in (verifying, soaking, judging):
        _add_shared_options(command)
    _add_prove(commands)
    return parser


def _add_prove(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    proving = commands.add_parser(
        "prove",
        help="try the gate on agents that are each broken in one way",
        description="Verify agents that are each broken in one way: each must fail its criteria, and no other."
        " What the file may say: verification/prove/mutant_file.py.",
    )
    proving.add_argument(
        "mutants", type=Path, metavar="FILE", help="file of mutants, e.g. tests/mutants/prove.toml"
    )
    proving.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="only this mutant; may be given several times",
    )
    _add_out(proving)


def _add_soak(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    soaking = commands.add_parser(
        "soak",
        help="the same call over and over, judged like any run",
        description="Call the agent over and over, one caller at a time, judge the recording and write a report. "
        "Ctrl-C ends it early: what was recorded until then is kept and judged.",
    )
    how_long = soaking.add_mutually_exclusive_group()
    how_long.add_argument(
        "--cycles", type=_count, default=1000, metavar="N", help="how many calls (default: 1000)"
    )
    how_long.add_argument(
        "--for", dest="for_s", type=_duration_s, metavar="TIME", help="or for how long: 2h, 90m, 45s"
    )
    soaking.set_defaults(recording=None)
    return soaking


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of cycles, 1 or more")
    return int(text)


def _duration_s(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([hms])", text)
    if found is None or float(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a time such as 2h, 90m or 45s")
    return float(found[1]) * {"h": 3600, "m": 60, "s": 1}[found[2]]


def _add_shared_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--gate",
        type=Path,
        metavar="FILE",
        help=f"what the gate knows of the agent (default: {DEFAULT_GATE.name} inside the package)",
    )
    _add_out(command)
    command.add_argument(
        "-k", dest="select", metavar="EXPR", help="judge only these criteria, e.g. 'C5 or C6'"
    )


def _add_out(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out",
        type=Path,
        default=Path("reports/out"),
        metavar="DIR",
        help="where reports go (default: reports/out)",
    )


if __name__ == "__main__":
    main()
