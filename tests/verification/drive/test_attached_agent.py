"""Watching an agent that runs already, with small programs in its place."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from voicegate.drive.agent_process import running_agent
from voicegate.drive.attached_agent import agent_command
from voicegate.drive.log_file import LogFileError
from voicegate.record.events import Event, LogLine, ProcessEvent
from voicegate.record.process_tree import ProcessTree
from voicegate.settings import GateSettings, SettingsError

WITH_A_CHILD = (
    "import subprocess, sys, time;"
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(p.pid, flush=True); time.sleep(600)"
)


@contextmanager
def program(text: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a Python program that the gate did not start."""
    command = [sys.executable, "-c", text]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def settings_for(folder: Path, **agent: Any) -> GateSettings:
    """Make settings for an agent that runs already."""
    return GateSettings.model_validate({"path": folder / "gate.toml", "agent": agent})


def attach(settings: GateSettings, folder: Path, events: list[Event]) -> Any:
    """Watch the agent of these settings."""
    return running_agent(settings, {}, log=folder / "agent.log", clock=lambda: 1.0, emit=events.append)


async def test_an_agent_is_watched_and_left_alone(tmp_path: Path) -> None:
    """It is ready at once, and runs on when the gate is done."""
    events: list[Event] = []
    with program("input()") as process:
        async with attach(settings_for(tmp_path, pid=process.pid), tmp_path, events) as agent:
            assert (agent.pid, agent.holder_pid) == (process.pid, process.pid)
        assert process.poll() is None
    assert [(e.step, e.pid) for e in events if isinstance(e, ProcessEvent)] == [("ready", process.pid)]


async def test_its_end_is_noticed(tmp_path: Path) -> None:
    """Whoever waits for it hears about it, with the last lines of the log; a zombie is dead too."""
    log, events = tmp_path / "its.log", list[Event]()
    log.write_text("long ago\n")
    with program("input()") as process:
        settings = settings_for(tmp_path, pid=process.pid, log="file", log_file=log)
        async with attach(settings, tmp_path, events) as agent:
            with log.open("a") as file:
                file.write("out of memory\n")
            waiting = asyncio.create_task(agent.died())
            await wait_for(lambda: any(isinstance(e, LogLine) for e in events))
            process.kill()
            trouble = await asyncio.wait_for(waiting, 10)
    assert f"The agent (PID {process.pid}) ended during the scenario" in trouble
    assert "  out of memory" in trouble
    assert "long ago" not in trouble
    assert [e.step for e in events if isinstance(e, ProcessEvent)] == ["ready", "died"]
    assert (tmp_path / "agent.log").read_text() == "out of memory\n"


async def test_an_agent_that_runs_somewhere_is_not_watched(tmp_path: Path) -> None:
    """There is no process to name, and no end to notice."""
    events: list[Event] = []
    async with attach(settings_for(tmp_path, running=True), tmp_path, events) as agent:
        assert (agent.pid, agent.holder_pid) == (None, None)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(agent.died(), 0.1)
    assert events == []


async def test_a_log_file_may_appear_late(tmp_path: Path) -> None:
    """The first call waits for it, and what is in it then is of this run."""
    events: list[Event] = []
    log = tmp_path / "its.log"
    settings = settings_for(tmp_path, running=True, log="file", log_file=log, ready_timeout_s=10)
    asyncio.get_running_loop().call_later(0.2, log.write_text, "one\ntw")
    async with attach(settings, tmp_path, events):
        pass
    assert [e.message for e in events if isinstance(e, LogLine)] == ["one", "tw"]


async def test_a_log_file_that_never_appears_is_an_error(tmp_path: Path) -> None:
    """The setting, the file and how long it was waited for are in the message."""
    settings = settings_for(
        tmp_path, running=True, log="file", log_file=tmp_path / "its.log", ready_timeout_s=0.2
    )
    with pytest.raises(
        LogFileError, match=r"log_file = .*its\.log did not appear within agent\.ready_timeout_s = 0\.2"
    ):
        async with attach(settings, tmp_path, []):
            pass


async def test_an_agent_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """The PID is in the message."""
    with program("pass") as process:
        process.wait()
    with pytest.raises(SettingsError, match=rf"agent\.pid: no process has the PID {process.pid}"):
        async with attach(settings_for(tmp_path, pid=process.pid), tmp_path, []):
            pass


def test_its_whole_tree_is_sampled(tmp_path: Path) -> None:
    """The process itself, its children, and children that outlive it."""
    with program(WITH_A_CHILD) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            tree = ProcessTree(process.pid, process.pid, (), lambda: 1.0)
            assert [(p.pid, p.role) for p in tree.sample().processes] == [
                (process.pid, "main"),
                (child, "other"),
            ]
            process.kill()
            process.wait()
            assert [p.pid for p in tree.sample().processes] == [child]
        finally:
            psutil.Process(child).kill()


def test_without_a_process_there_is_nothing_to_sample() -> None:
    """The samples are taken all the same: their punctuality tells how busy the gate's machine is."""
    sample = ProcessTree(None, None, (), lambda: 7.0).sample()
    assert (sample.t, sample.processes, sample.complete) == (7.0, (), True)


def test_the_report_says_what_was_attached_to(tmp_path: Path) -> None:
    """In place of a command."""
    assert agent_command(settings_for(tmp_path, command=["{python}", "x"])) == (sys.executable, "x")
    assert agent_command(settings_for(tmp_path, running=True)) == ("(an agent that runs already)",)
    with program("input()") as process:
        words = agent_command(settings_for(tmp_path, pid=process.pid))
        name = psutil.Process(process.pid).name()
    assert words == (f"(PID {process.pid})", name)  # and not what its command line holds


async def wait_for(condition: Any) -> None:
    """Wait until something has come true."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)
