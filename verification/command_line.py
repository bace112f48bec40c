"""The gate's options: what can be written behind `python -m verification`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from verification.settings import DEFAULT_GATE, ScenarioName

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Commands = _SubParsersAction[argparse.ArgumentParser]


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
  voicegate verify --repeat 10              ten times over, and how far the runs lie apart
  voicegate judge reports/out/latest/recording.jsonl
                                            judge a recording again, without running anything
  voicegate judge recording.jsonl -k "C5 or C6"
                                            only some criteria (an expression as for pytest -k)

in a checkout of this project:
  nox -s verify -- --isolation thread       options go behind the two dashes

exit codes:
  0  every criterion that was run passed
  1  a criterion failed
  2  wrong usage: options, gate file, no such recording
  3  something could not be measured or written; nothing failed as far as it was"""


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of the whole command line; `command` names the command that was given."""
    parser = argparse.ArgumentParser(
        prog="voicegate",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_verify(commands)
    _add_judge(commands)
    return parser


def _add_verify(commands: "Commands") -> None:
    command = commands.add_parser(
        "verify",
        help="drive a scenario, judge it, report",
        description="Drive a scenario against an agent, judge the recording and write a report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_what_is_run(command)
    instead = command.add_mutually_exclusive_group()
    instead.add_argument(
        "--repeat",
        type=_at_least_one,
        default=1,
        metavar="N",
        help="do the whole N times and report how far the runs lie apart",
    )
    instead.add_argument(
        "--judge",
        dest="recording",
        type=Path,
        metavar="FILE",
        help="drive nothing: judge this recording again",
    )
    _add_gate(command)
    _add_out(command)
    _add_selection(command)


def _add_judge(commands: "Commands") -> None:
    command = commands.add_parser(
        "judge",
        help="judge a recording again",
        description="Judge a recording that is there already and write a new report.",
    )
    command.add_argument("recording", type=Path, metavar="FILE", help="recording.jsonl of an earlier run")
    _add_gate(command)
    _add_out(command)
    _add_selection(command)


def _add_what_is_run(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--profile", help="models the agent is to run: rehearsal (default), micro, production"
    )
    command.add_argument("--isolation", help="what a call runs in: process (default) or thread")
    command.add_argument("--scenario", choices=get_args(ScenarioName), help="what to drive (default: full)")


def _add_gate(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--gate",
        type=Path,
        metavar="FILE",
        help=f"what the gate knows of the agent (default: {DEFAULT_GATE.name} inside the package)",
    )


def _add_out(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out",
        type=Path,
        default=Path("reports/out"),
        metavar="DIR",
        help="where reports go (default: reports/out)",
    )


def _add_selection(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-k", dest="select", metavar="EXPR", help="judge only these criteria, e.g. 'C5 or C6'"
    )


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: once at least")
    return number
