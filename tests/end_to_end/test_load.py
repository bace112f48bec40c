"""Load as people run it: Locust's callers on a real server and the real agent, and nothing left running."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from end_to_end.conftest import MARK, REPOSITORY
from end_to_end.gate_runs import GateRun, RunGate
from live import INTERRUPTIBLE
from our_agent import AGENT_GATE, EXTENDS_OURS
from voicegate.record.recording import read_recording

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.timeout(400)]

FINISHING = ("--stop-timeout", "40")
"""Whoever has begun a call finishes it: on a busy machine a time alone may end in the first one."""
MICRO = ("load", "--gate", str(AGENT_GATE), "--profile", "micro")


def names_in_statistics(run: GateRun) -> dict[str, int]:
    """List the requests in Locust's own statistics, with how many failed."""
    rows = (run.out / "latest" / "locust_stats.csv").read_text(encoding="utf-8").splitlines()[1:-1]
    return {row.split(",")[1]: int(row.split(",")[3]) for row in rows}


def test_callers_of_two_workers_are_judged_together(run_gate: RunGate) -> None:
    """`--processes 2`, one turn a call: Locust's statistics, the recording and the verdict tell of the same calls."""
    run = run_gate(
        *MICRO, "-u", "2", "-r", "2", "-t", "25s", "--processes", "2", *FINISHING, "--tags", "brief"
    )

    recording = read_recording(run.out / "latest" / "recording.jsonl")
    assert {"L1", "L2", "L3", "L5", "G2", "G3", "G11"} <= run.with_status("pass"), run.terminal
    assert run.exit_code == (0 if "L4" in run.with_status("pass") else 3), run.terminal
    assert names_in_statistics(run) == {"join": 0, "agent joined": 0, "turn: code": 0}
    assert [phase.name for phase in recording.phases] == [
        *("baseline", "baseline", "2-callers", "2-callers", "after-all", "after-all")
    ]
    assert (run.out / "latest" / "locust.html").is_file()
    calls = {event.call for event in recording.calls}
    assert len(calls) > 2, "callers call again and again"
    assert len({call.rsplit("-", 1)[0] for call in calls}) == 2
    assert len({note.process for note in recording.callers}) == 2, (
        "each worker has callers in a process of its own"
    )
    ended = {event.call for event in recording.calls if event.step == "hung_up"}
    assert ended == calls, "the last lines of workers came too"


def test_open_arrivals_do_not_wait_for_calls(run_gate: RunGate) -> None:
    """One caller cannot take a call every two seconds: those that are missed are counted, and keep the run from passing."""
    run = run_gate(*MICRO, "--arrivals", "30/min", "-u", "1", "-t", "16s", *FINISHING, "--tags", "brief")
    assert run.exit_code == 3, run.terminal
    assert "L1" in run.with_status("error")
    assert "L2" in run.with_status("pass"), run.terminal
    assert names_in_statistics(run)["arrival"] >= 3
    assert "nobody was free for a call that was due: give more callers with -u" in run.terminal


def test_an_agent_that_takes_no_more_calls_ends_the_run(run_gate: RunGate, tmp_path: Path) -> None:
    """It has room for one of two callers: the other's calls fail and say what the room was told. That breaks a limit for certain: of one minute the first is enough."""
    gate = tmp_path / "gate.toml"
    gate.write_text(
        f'{EXTENDS_OURS}[agent]\nenv.VOICEGATE_CAPACITY = "1"\n[scenario]\njoin_timeout_s = 8\n[livekit]\ndeparture_timeout_s = 6\n[criteria]\non = ["L1", "L2"]\n'
    )
    run = run_gate(*MICRO, "-u", "2", "-r", "2", "-t", "60s", "--gate", str(gate))
    assert (run.exit_code, run.failed) == (1, {"L1"}), run.terminal
    stopped = "The run was interrupted: stopped early: L1 can no longer be met: calls that failed: "
    assert stopped in run.terminal
    evidence = " ".join(one for criterion in run.verdict["criteria"] for one in criterion["evidence"])
    assert "no agent joined within 8 s; the room's metadata: " in evidence
    assert "at_capacity" in evidence
    assert names_in_statistics(run)["agent joined"] > 0
    phases = read_recording(run.out / "latest" / "recording.jsonl").phases
    begin, end = (phase.t for phase in phases if phase.name == "2-callers")
    assert end - begin < 60  # what -t asked for


def test_what_dies_is_told_of_and_ctrl_c_keeps_it_all(tmp_path: Path) -> None:
    """A lost worker's calls are ended in the recording; the other's callers get a new process, whose calls go well; the verdict does not blame the agent.

    Without -t, Ctrl-C is how people end a run.
    """
    with running(tmp_path, "-u", "2", "-r", "2", "--processes", "2") as load:
        wait_for(lambda: recorded(tmp_path).count('"step":"agent_audio"') >= 2)
        first, second = (p for p in left_of(tmp_path) if "participants" in p.cmdline())
        first.kill()
        worker = second.parent()
        assert worker is not None
        worker.kill()
        wait_for(lambda: "is lost" in written(tmp_path, "locust.log"))
        wait_for(lambda: '"kind":"turn"' in recorded(tmp_path).rpartition("lived in is gone")[2])
        load.send_signal(signal.SIGINT)
        terminal, _ = load.communicate(timeout=90)

    assert load.returncode == 3, terminal
    assert "The run broke off: interrupted" in terminal
    assert re.search(r"L1-calls +ERROR", terminal)
    assert (
        "calls that failed because of the process of the gate's callers, not of the agent: 2 (the process that its caller lived in is gone)"
        in terminal
    )
    assert re.search(r"worker \S+ is lost, and 1 calls with it", written(tmp_path, "locust.log"))
    assert "the process of callers ended with exit code -9" in written(tmp_path, "locust_failures.csv")
    assert written(tmp_path, "locust.html")
    recording = read_recording(tmp_path / "latest" / "recording.jsonl")
    assert {"hung_up", "failed"} <= {event.step for event in recording.calls}
    assert recording.callers[-1].process not in {f"callers-{first.pid}", f"callers-{second.pid}"}


@contextmanager
def running(out: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Have a load run; see afterwards that nothing of it is left."""
    load = subprocess.Popen(
        [*INTERRUPTIBLE, sys.executable, "-m", "voicegate", *MICRO, *arguments, "--out", str(out)],
        cwd=REPOSITORY,
        env=os.environ | {MARK: str(out)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield load
    finally:
        load.kill()
    assert not left_of(out)


def recorded(out: Path) -> str:
    """Return what has been recorded so far."""
    return written(out, "recording.jsonl")


def written(out: Path, name: str) -> str:
    """Return what a file of the run holds so far."""
    return "".join(path.read_text(encoding="utf-8") for path in out.glob(f"2*/{name}"))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is true, for a minute and a half at most."""
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.2)


def left_of(out: Path) -> list[psutil.Process]:
    """List the processes of the run that writes there."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(out) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
