"""Driving in a process of its own, with small programs in its place."""

import asyncio
import sys
import time
from pathlib import Path

import psutil
import pytest
from voicegate.drive.errors import DriveError
from voicegate.own_process import drive_in_own_process
from voicegate.settings import GateSettings, SettingsError

SETTINGS = GateSettings(path=Path("gate.toml"), environment={"PATH": "/usr/bin:/bin"})
IMPORTS = "import json, os, sys;"
SAY = "print(json.dumps({}), flush=True);"
STEP = SAY.format('{"step": sys.argv[1]}')
DONE = SAY.format('{"ended": {}}')


async def drive(
    program: str,
    steps: list[str] | None = None,
    ends_within_s: float = 10,
    settings: GateSettings = SETTINGS,
) -> Path:
    """Drive with this program in place of the driver."""
    tell = (steps if steps is not None else []).append
    command = (sys.executable, "-c", IMPORTS + program)
    return await drive_in_own_process(settings, Path("out"), tell, command, ends_within_s)


async def test_steps_and_the_recording_are_told() -> None:
    """The child gets the folder, and says what it does; the path is that of its recording."""
    steps: list[str] = []
    assert await drive(STEP + DONE, steps) == Path("out/recording.jsonl")
    assert steps == ["out"]


async def test_an_abort_after_the_end_is_no_error() -> None:
    """LiveKit's threads were seen to abort a Python that shuts down: exit code 134."""
    await drive(DONE + "os.abort()")


@pytest.mark.parametrize(
    ("program", "error", "words"),
    [
        (SAY.format('{"ended": {"error": "no server"}}'), DriveError, "no server"),
        (SAY.format('{"ended": {"usage": "gate.toml:2"}}'), SettingsError, "gate.toml:2"),
        ("os._exit(9)", DriveError, "ended with exit code 9"),
    ],
)
async def test_errors_of_the_child_are_raised(program: str, error: type[Exception], words: str) -> None:
    """As errors of a drive in this process are; so is an end without a word."""
    with pytest.raises(error, match=words):
        await drive(program)


@pytest.mark.parametrize("waits", ["sys.stdin.buffer.read()", "import time; time.sleep(600)"])
async def test_interrupting_ends_the_child(waits: str) -> None:
    """It is asked by the end of its input, and killed if it does not listen."""
    steps: list[str] = []
    begun_s = time.monotonic()
    program = SAY.format('{"step": str(os.getpid())}') + waits
    task = asyncio.create_task(drive(program, steps, ends_within_s=0.1 - SETTINGS.agent.stop_timeout_s))
    while not steps:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(int(steps[0]))
    assert time.monotonic() - begun_s < 10


async def test_settings_longer_than_a_pipe_arrive_whole() -> None:
    """They have the environment in them, which may be large."""
    steps: list[str] = []
    large = {f"LARGE_{number}": "x" * 50_000 for number in range(4)}
    settings = SETTINGS.model_copy(update={"environment": {**SETTINGS.environment, **large}})
    program = "from voicegate.own_process import read_settings; got = read_settings().environment;"
    await drive(
        program + SAY.format('{"step": str(sum(map(len, got.values())))}') + DONE, steps, settings=settings
    )
    assert steps == [str(200_000 + len(SETTINGS.environment["PATH"]))]


CLEANS_UP = """
import asyncio, pathlib
from voicegate.own_process import read_settings, until_input_ends

async def work():
    try:
        print(json.dumps({{"step": "begun"}}), flush=True)
        await asyncio.sleep(600)
    finally:
        for _ in range(20):
            await asyncio.sleep(0.001)
        pathlib.Path({path!r}).touch()

read_settings()
asyncio.run(until_input_ends(work(), 0))
"""


async def test_cleaning_up_is_not_interrupted(tmp_path: Path) -> None:
    """The end of the input can be read again and again, and interrupts once."""
    steps: list[str] = []
    cleaned = tmp_path / "cleaned"
    task = asyncio.create_task(drive("\n" + CLEANS_UP.format(path=str(cleaned)), steps))
    while not steps:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned.exists()


@pytest.mark.slow
async def test_the_real_driver_says_what_is_wrong(tmp_path: Path) -> None:
    """Its own process has the settings whole, and its error arrives."""
    settings = SETTINGS.model_copy(
        update={"scenario": SETTINGS.scenario.model_copy(update={"clips": tmp_path / "none"})}
    )
    with pytest.raises(DriveError, match=r"none/clips\.json"):
        await drive_in_own_process(settings, tmp_path, print)


@pytest.mark.slow
async def test_interrupting_the_real_driver_ends_what_it_started(tmp_path: Path) -> None:
    """Here the preparation of the agent, a child of the driver's."""
    wait = "import os, time, pathlib; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(600)"
    agent = SETTINGS.agent.model_copy(
        update={
            "command": ("true",),
            "prepare": (sys.executable, "-c", wait),
            "working_directory": tmp_path,
        }
    )
    livekit = SETTINGS.livekit.model_copy(update={"url": "ws://127.0.0.1:9"})
    settings = SETTINGS.model_copy(update={"agent": agent, "livekit": livekit})
    task = asyncio.create_task(drive_in_own_process(settings, tmp_path / "out", print))
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text()):
        await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(int(pid.read_text()))
