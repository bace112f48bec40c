"""Processes on a leash: nothing outlives the gate, whatever it does."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from voicegate.drive import processes
from voicegate.drive.processes import LeashedProcess, ProcessError

STUBBORN = "import signal; [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGTERM, signal.SIGINT)];"
FOREVER = "import time; print('up', flush=True); time.sleep(600)"
DETACHED_CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True);"


async def start(program: str, grace_s: float = 5.0) -> LeashedProcess:
    """Start a Python program and wait until it says that it is up."""
    process = await processes.start([sys.executable, "-c", program], stdout=processes.PIPE, grace_s=grace_s)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    return process


def tree_of(process: LeashedProcess) -> list[psutil.Process]:
    """List the leash and everything below it."""
    leash = psutil.Process(process.leash_pid)
    return [leash, *leash.children(recursive=True)]


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


async def test_a_program_ends_by_itself_and_its_exit_code_is_known() -> None:
    """The exit code is the program's, not the leash's."""
    process = await processes.start([sys.executable, "-c", "raise SystemExit(7)"])

    assert await process.wait() == 7
    assert process.exit_code == 7


async def test_a_program_is_asked_first() -> None:
    """A program that cleans up when asked gets the time to do so."""
    program = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3));" + FOREVER

    assert await (await start(program)).stop() == 3


async def test_a_stubborn_tree_is_killed() -> None:
    """Parent and child both ignore every request; stopping is bounded all the same."""
    child = f"{STUBBORN}{FOREVER}"
    program = (
        f"{STUBBORN}import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]); time = None;"
    )
    process = await start(program + "import time; time.sleep(600)", grace_s=0.2)
    tree = tree_of(process)
    began = time.monotonic()

    assert await process.stop() == -signal.SIGKILL
    assert time.monotonic() - began < 10
    assert not any(p.is_running() for p in tree)


async def test_a_detached_child_does_not_escape() -> None:
    """A child in a session of its own ends with its parent, also when the parent ends by itself."""
    program = f"{DETACHED_CHILD}import time; print('up', flush=True); sys.stdout.close(); time.sleep(0.5)"
    process = await start(program)
    tree = tree_of(process)

    assert [await process.wait(), await process.stop()] == [0, 0]
    assert len(tree) == 3
    assert not any(p.is_running() for p in tree)


async def test_stopping_twice_is_harmless() -> None:
    """The second stop returns what the first did."""
    process = await start(FOREVER)

    assert [await process.stop(), await process.stop()] == [-signal.SIGTERM, -signal.SIGTERM]


async def test_a_process_is_stopped_when_its_block_is_left_by_an_error() -> None:
    """`running` holds for exceptions as well."""
    process = await start(FOREVER)
    with pytest.raises(ZeroDivisionError):
        async with processes.running(process):
            raise ZeroDivisionError

    assert process.exit_code == -signal.SIGTERM


async def test_a_missing_program_is_named() -> None:
    """The message has the program and the reason."""
    with pytest.raises(ProcessError, match="cannot start no-such-program: No such file or directory"):
        await processes.start(["no-such-program"])


def _numbers_in(output: Path) -> list[int]:
    """Read the lines that are numbers; what the program says may come before or after."""
    return [int(line) for line in output.read_text().split("\n")[:-1] if line.isdecimal()]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_when_the_gate_dies(tmp_path: Path, how: signal.Signals) -> None:
    """A killed gate, and one that Ctrl-C ended, take what they started with them."""
    gate = f"""
import asyncio, sys
from voicegate.drive import processes
async def main():
    process = await processes.start([sys.executable, "-c", {DETACHED_CHILD + FOREVER!r}], grace_s=1)
    print(process.leash_pid, flush=True)
    async with processes.running(process):
        await asyncio.sleep(600)
asyncio.run(main())
"""
    script = tmp_path / "gate.py"
    script.write_text(gate)
    root = Path(__file__).parents[3]
    with (tmp_path / "out").open("w+b") as out:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, str(script)],
            dict(os.environ) | {"PYTHONPATH": str(root)},
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)],
            setsigdef=[
                signal.SIGINT
            ],  # a job in the background of a shell ignores it, and so would its children
        )
        wait_until(lambda: bool(_numbers_in(tmp_path / "out")))
        leash = psutil.Process(_numbers_in(tmp_path / "out")[0])
        wait_until(lambda: len(leash.children(recursive=True)) == 2)
        tree = [leash, *leash.children(recursive=True)]
        os.kill(pid, how)
        os.waitpid(pid, 0)

        wait_until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in tree))


async def test_nothing_is_left_when_the_leash_dies() -> None:
    """As the kernel may kill it where memory is short: what is detached is found by its mark, however stubborn."""
    child = f"{STUBBORN}{FOREVER}"
    program = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True);"
    process = await start(program + "import time; time.sleep(600)")
    leash, *below = tree_of(process)
    leash.kill()

    assert len(below) == 2
    assert await asyncio.wait_for(process.stop(), 15) == -signal.SIGKILL
    wait_until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in below))


async def test_output_can_be_read_line_by_line() -> None:
    """What the program writes arrives while it runs."""
    process = await start("print('up'); print('second', flush=True); import time; time.sleep(600)")
    async with processes.running(process):
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 5) == b"second\n"


async def test_a_program_is_asked_something() -> None:
    """Its exit code and what it wrote, apart."""
    program = "import sys; print('yes'); print('but', file=sys.stderr); sys.exit(3)"
    answer = await processes.ask([sys.executable, "-c", program], 20)
    assert (answer.exit_code, answer.output, answer.complaint) == (3, "yes\n", "but\n")
    assert answer.last_words == "but"


async def test_nothing_of_a_program_that_does_not_answer_is_left(tmp_path: Path) -> None:
    """Its children neither."""
    note = tmp_path / "pid"
    child = "import os, pathlib, time; pathlib.Path(os.environ['NOTE']).write_text(str(os.getpid())); time.sleep(600)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(ProcessError, match=r"did not answer within 3 s"):
        await processes.ask([sys.executable, "-c", program], 3, env=dict(os.environ) | {"NOTE": str(note)})
    assert not psutil.pid_exists(int(note.read_text()))


async def test_a_program_that_is_not_there_cannot_be_asked() -> None:
    """It is named."""
    with pytest.raises(ProcessError, match="no-such-program"):
        await processes.ask(["no-such-program"], 5)
