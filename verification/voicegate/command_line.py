"""The gate's options: what can be written behind `voicegate`."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from voicegate.help_texts import DESCRIPTION, EPILOG
from voicegate.names import GATE_FILE, ScenarioName

if TYPE_CHECKING:
    from argparse import _ActionsContainer as Adds
    from argparse import _SubParsersAction

    Commands = _SubParsersAction[argparse.ArgumentParser]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; what `load` does not know is kept for Locust, as `locust`. Ends with exit code 2 on mistakes."""
    parser = make_parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown and options.command != "load":
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    options.locust = unknown
    return options


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of the whole command line; `command` names the command that was given."""
    parser = argparse.ArgumentParser(
        prog="voicegate",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_init(commands)
    _add_verify(commands)
    _add_soak(commands)
    _add_load(commands)
    _add_capacity(commands)
    _add_judge(commands)
    _add_compare(commands)
    _add_trend(commands)
    _add_prove(commands)
    _add_simulate(commands)
    _add_profile(commands)
    _add_doctor(commands)
    _add_scenario(commands)
    return parser


def _add_init(commands: "Commands") -> None:
    command = commands.add_parser(
        "init",
        help="write a gate file for your agent",
        description="""Look at the agent in a folder and write a gate file for it, with comments. On a terminal it
asks you to confirm what it found: press Enter to accept it.""",
    )
    folder = "the agent's folder (default: this one)"
    command.add_argument("folder", type=Path, nargs="?", default=Path(), help=folder)
    output = f"what to write (default: {GATE_FILE} in that folder)"
    command.add_argument("--output", type=Path, metavar="FILE", help=output)
    command.add_argument("--force", action="store_true", help="overwrite an existing file")
    command.add_argument("--yes", action="store_true", help="ask nothing: take what is found")
    start = "what starts the agent, such as 'python agent.py start'"
    command.add_argument("--command", dest="command_line", metavar="TEXT", help=start)
    command.add_argument("--agent-name", metavar="NAME", help="the name that calls are dispatched to it by")
    command.add_argument("--language", metavar="CODE", help="the language of its callers, such as en or de")


def _add_verify(commands: "Commands") -> None:
    command = commands.add_parser(
        "verify",
        help="drive a scenario, judge it, report",
        description="Drive a scenario against an agent, judge the recording and write a report.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_what_is_run(command)
    instead = command.add_mutually_exclusive_group()
    _add_number(instead, "--repeat", "make N runs and report how much they differ", 1)
    judge = "drive nothing: judge this recording again"
    instead.add_argument("--judge", dest="recording", type=Path, metavar="FILE", help=judge)
    profile = "if a criterion on memory fails (C4 to C7), profile a shorter run and link it from the report"
    instead.add_argument("--profile-on-failure", action="store_true", help=profile)
    baseline = "compare the figures with those in this history, and report which became worse (default: the history that the run is appended to)"
    command.add_argument("--baseline", type=Path, metavar="FILE", help=baseline)
    _add_gate_and_out(command)
    _add_prometheus(command)
    _add_selection(command)


def _add_soak(commands: "Commands") -> None:
    command = commands.add_parser(
        "soak",
        help="make one call after another, and judge them like any run",
        description="Call the agent over and over, one caller at a time, judge the recording and write a report. "
        "Ctrl-C ends it early: what was recorded until then is kept and judged.",
    )
    how_long = command.add_mutually_exclusive_group()
    _add_number(how_long, "--cycles", "how many calls (default: 1000)", 1000)
    _add_time(how_long, "--for", "for_s", "or for how long: 2h, 90m, 45s")
    _add_which_agent(command)
    _add_gate_and_out(command)
    _add_prometheus(command)
    _add_selection(command)


def _add_load(commands: "Commands") -> None:
    command = commands.add_parser(
        "load",
        help="let many callers talk at once, with Locust",
        description="""Start LiveKit and the agent, let Locust's callers talk to it, judge the recording and write a report. All
other options are Locust's: -u, -r, -t, --processes, --tags, --csv, … and those of loadtests/: --shape, --arrivals, --step-time.""",
        epilog="`locust --help` lists Locust's options; docs/load.md lists those of loadtests/. Locust's own page and tables are kept beside the report.",
        allow_abbrev=False,
    )
    web = "wait at Locust's web page instead of starting at once"
    command.add_argument("--web", action="store_true", help=web)
    to_the_end = "go on to the end, also when a limit can no longer be kept"
    command.add_argument("--no-early-stop", action="store_true", help=to_the_end)
    _add_which_agent(command)
    _add_gate_and_out(command)
    _add_prometheus(command)


def _add_capacity(commands: "Commands") -> None:
    command = commands.add_parser(
        "capacity",
        help="find how many calls can talk at once",
        description="""Find the largest number of talking calls at which the limits of a load run hold: 1, 2, 4, 8 … until one does not, then
in between. Says what prevented more. Ctrl-C ends it early: what was measured until then is kept and reported.""",
    )
    _add_number(command, "--most-calls", "try no more than this (default: 16)", 16)
    _add_number(command, "--at-least", "exit with 1 when fewer calls hold (default: 1)", 1)
    how_long = (
        "how long each number of calls is judged (default: 60s, longer with few calls, for enough turns)"
    )
    _add_time(command, "--level-time", "level_time_s", how_long)
    isolation = "what a call runs in: process or thread (default: both in turn if the gate file uses {isolation}, else the file's)"
    _add_which_agent(command, isolation)
    _add_gate_and_out(command)


def _add_judge(commands: "Commands") -> None:
    command = commands.add_parser(
        "judge",
        help="judge a recording again",
        description="Judge an existing recording and write a new report.",
    )
    command.add_argument("recording", type=Path, metavar="FILE", help="recording.jsonl of an earlier run")
    _add_gate_and_out(command)
    _add_prometheus(command)
    _add_selection(command)


def _add_compare(commands: "Commands") -> None:
    command = commands.add_parser(
        "compare",
        help="see which differences between two runs are larger than noise",
        description="Compare two reports, folders of several (--repeat), histories, or recordings, which are judged first: criteria by how "
        "they came out, figures by how far runs of one kind lie apart. The exit code is 0 whatever changed.",
    )
    side = "a report's folder, a history or a recording"
    command.add_argument("before", type=Path, metavar="A", help=side)
    command.add_argument("after", type=Path, metavar="B", help="the same, of the later run")
    history = "earlier runs like A, which show how much figures vary anyway (default: history.jsonl beside A's folder)"
    command.add_argument("--history", type=Path, metavar="FILE", help=history)
    command.add_argument(
        "--gate", type=Path, metavar="FILE", help="the gate file by which recordings are judged"
    )
    out = "write report.html, summary.md and compare.json here too"
    command.add_argument("--out", type=Path, metavar="DIR", help=out)


def _add_trend(commands: "Commands") -> None:
    command = commands.add_parser(
        "trend",
        help="see how the figures changed over the last runs",
        description="Follow each figure over the runs that are like the last one in the history, and name those that are worse than they were.",
    )
    history = "the history (default: reports/out/history.jsonl)"
    command.add_argument(
        "history", type=Path, nargs="?", default=Path("reports/out/history.jsonl"), help=history
    )
    _add_number(command, "--last", "look at so many runs (default: 30)", 30)
    scenario = "follow the runs of this scenario: full, load, soak, capacity, bench … (default: that of the last run)"
    command.add_argument("--scenario", metavar="NAME", help=scenario)
    out = "where report.html, summary.md and trend.json go (default: trend/ beside the history)"
    command.add_argument("--out", type=Path, metavar="DIR", help=out)


def _add_doctor(commands: "Commands") -> None:
    command = commands.add_parser(
        "doctor",
        help="check that a run is possible",
        description="""Check what a run needs, without starting anything: server, models, disk, memory, ports. Says what would be
built or downloaded, and how large that is.""",
    )
    _add_what_is_run(command)
    _add_gate_and_out(command)
    command.add_argument("--json", action="store_true", help="write the findings as one JSON object")


def _add_scenario(commands: "Commands") -> None:
    command = commands.add_parser(
        "scenario",
        help="check that a scenario file can be played",
        description="Read a scenario file (scenario.file in the gate file), and say what each of its steps does. Every mistake is named with file, line and key.",
    )
    command.add_argument("do", choices=("check",), help="what to do with it")
    command.add_argument("file", type=Path, metavar="FILE", help="the scenario file")
    gate = f"whose clips it uses (default: {GATE_FILE} in this folder, else the gate's own)"
    command.add_argument("--gate", type=Path, metavar="FILE", help=gate)


def _add_prove(commands: "Commands") -> None:
    command = commands.add_parser(
        "prove",
        help="test the gate with broken agents",
        description="Verify broken agents: each must fail its own criteria, and no others."
        " What the file may say: verification/voicegate/prove/mutant_file.py.",
    )
    mutants = "file of mutants, e.g. tests/mutants/prove.toml"
    command.add_argument("mutants", type=Path, metavar="FILE", help=mutants)
    _add_only(command, "NAME", "mutant")
    _add_out(command)


def _add_simulate(commands: "Commands") -> None:
    command = commands.add_parser(
        "simulate",
        help="show how often the criteria are wrong, on simulated runs",
        description="Draw runs of good and broken agents, with noise as on real runs, and judge them: how often a good agent fails or "
        "cannot be measured, and how often a broken one fails. Exit code 1: a rate is not reached.",
    )
    _add_number(command, "--runs", "runs of each agent (default: 1000)", 1000)
    _add_only(command, "ID", "criterion, such as C6")
    seed = "number that the random runs begin with (default: 13)"
    command.add_argument("--seed", type=int, default=13, metavar="N", help=seed)
    _add_number(command, "--processes", "in so many processes (default: one for each core)")
    command.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to this file too")


def _add_profile(commands: "Commands") -> None:
    command = commands.add_parser(
        "profile",
        help="see which lines of the agent hold memory, and what each call adds",
        description="Drive a scenario against an agent whose processes record their allocations with memray: flame "
        "graphs, the costliest lines and what was never freed, by role, and growth per call. Nothing is judged: the "
        "profiler slows calls and takes memory itself.",
    )
    _add_which_agent(command)
    scenario = "what to drive (default: profile)"
    command.add_argument("--scenario", choices=get_args(ScenarioName), default="profile", help=scenario)
    _add_gate_and_out(command)
    command.set_defaults(select=None)


def _add_number(command: "Adds", option: str, help_: str, default: int | None = None) -> None:
    command.add_argument(option, type=_at_least_one, default=default, metavar="N", help=help_)


def _add_time(command: "Adds", option: str, dest: str, help_: str) -> None:
    command.add_argument(option, dest=dest, type=_duration_s, metavar="TIME", help=help_)


def _add_only(command: "Adds", metavar: str, what: str) -> None:
    text = f"only this {what}; may be given several times"
    command.add_argument("--only", action="append", default=[], metavar=metavar, help=text)


def _add_what_is_run(command: argparse.ArgumentParser) -> None:
    _add_which_agent(command)
    scenario = "what to drive, in place of the gate file's scenario (default there: full)"
    command.add_argument("--scenario", choices=get_args(ScenarioName), help=scenario)


def _add_which_agent(
    command: argparse.ArgumentParser,
    isolation: str = "what a call runs in, in place of the gate file's: process or thread",
) -> None:
    profile = "which models the agent runs, in place of the gate file's profile: what {profile} stands for in its command and env"
    command.add_argument("--profile", help=profile)
    command.add_argument("--isolation", help=isolation)


def _add_gate_and_out(command: argparse.ArgumentParser) -> None:
    where = f"(default: {GATE_FILE} in this folder; `voicegate init` writes it)"
    gate = f"how to start your agent, and the limits it must keep {where}"
    command.add_argument("--gate", type=Path, metavar="FILE", help=gate)
    _add_out(command)


def _add_out(command: argparse.ArgumentParser) -> None:
    out = "where reports go (default: reports/out)"
    command.add_argument("--out", type=Path, default=Path("reports/out"), metavar="DIR", help=out)


def _add_prometheus(command: argparse.ArgumentParser) -> None:
    prometheus = "also write the figures to this file, as Prometheus text"
    command.add_argument("--prometheus", type=Path, metavar="FILE", help=prometheus)


def _add_selection(command: argparse.ArgumentParser) -> None:
    select = "judge only these criteria, e.g. 'C5 or C6'"
    command.add_argument("-k", dest="select", metavar="EXPR", help=select)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number, 1 or more")
    return int(text)


def _duration_s(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([hms])", text)
    if found is None or float(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a time such as 2h, 90m or 45s")
    return float(found[1]) * {"h": 3600, "m": 60, "s": 1}[found[2]]
