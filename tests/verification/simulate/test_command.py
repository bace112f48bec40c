"""`voicegate simulate`."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from live import until
from voicegate.__main__ import run
from voicegate.exit_codes import ExitCode
from voicegate.judge.finding import Status
from voicegate.simulate.agents import agents
from voicegate.simulate.rates import SEED, Counts, rates_of
from voicegate.simulate.table import headline, markdown


def test_table_on_the_terminal_and_as_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Progress goes to stderr; the page names runs and seed, and nothing that changes from day to day."""
    page = tmp_path / "error-rates.md"
    arguments = ["simulate", "--only", "G1", "--runs", "2", "--processes", "1", "--markdown", str(page)]
    assert run(arguments) is ExitCode.PASS
    shown = capsys.readouterr()
    assert "a function gives up the models" in shown.out
    assert "all 2 rates are reached" in shown.out
    assert "2/2" in shown.err
    text = page.read_text(encoding="utf-8")
    assert f"2 simulated runs of each agent, seed {SEED}" in text
    assert "| G1 | steady | a function gives up the models | 0.0 % | 100.0 % | 0.0 % | FAIL ≥ 95 % |" in text
    assert "- G1: *intermittent, late, slow-tailed, step, dying*: it is read from the source" in text
    assert "C6" not in text


async def test_its_processes_end_with_it() -> None:
    """However it ends: half of a chunk is of use to nobody."""
    arguments = ("simulate", "--only", "C6", "--runs", "100000", "--processes", "2")
    command = subprocess.Popen([sys.executable, "-m", "voicegate", *arguments], stderr=subprocess.DEVNULL)
    parent = psutil.Process(command.pid)
    try:
        await until(lambda: sum(map(_works, parent.children())) == 2, 60, "two processes at work")
        below = parent.children(recursive=True)
    finally:
        command.kill()
        command.wait()
    await until(lambda: not any(map(_is_there, below)), 3, "their end")


def _works(process: psutil.Process) -> bool:
    return "spawn_main" in " ".join(process.cmdline()) and process.cpu_times().user > 2


def _is_there(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_unknown_criterion_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is simulated."""
    assert run(["simulate", "--only", "X1"]) is ExitCode.USAGE
    assert "no such criterion" in capsys.readouterr().err


def test_what_is_not_reached_is_named() -> None:
    """In the sentence below the table, and in its row."""
    at = next(at for at, agent in enumerate(agents()) if (agent.criterion, agent.kind) == ("C6", "late"))
    rates = rates_of(at, (), Counts({("C6", Status.PASS): 7, ("C6", Status.FAIL): 3}))
    assert headline(rates) == "1 of 1 rates are not reached: C6 late"
    assert "| 70.0 % | 30.0 % | 0.0 % | FAIL ≥ 95 %: MISSED |" in markdown(rates, 10, 1)


def test_few_runs_that_miss_a_rate_may_do_so_by_chance() -> None:
    """Three healthy runs of 240 that do not pass are more than the limit, and not more than chance makes of less than the limit."""
    rates = rates_of(0, ("G2",), Counts({("G2", Status.PASS): 237, ("G2", Status.FAIL): 3}))
    said = "1 of 1 rates are not reached: G2 healthy (perhaps by chance: 3 of 240 runs)"
    assert headline(rates) == said


def test_the_page_in_the_documentation_is_that_of_this_command() -> None:
    """It has a row for every agent and criterion, and says that every rate is reached."""
    text = (Path(__file__).parents[3] / "docs" / "error-rates.md").read_text(encoding="utf-8")
    for agent in agents()[1:]:
        assert f"| {agent.criterion} | {agent.kind} | {agent.what} |" in text
    assert "rates are reached" in text
    assert "MISSED" not in text
