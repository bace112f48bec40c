"""Driving a scenario in a process of its own, for those whose process the gate must not end: a team's pytest.

Threads of LiveKit's client were seen to abort a Python that shuts down, which then exits with 134 after a good report. Here
they are the child's. `python -m voicegate.own_process FOLDER` reads pickled settings from its standard input and drives until it is
done, or until its input ends: that stands for Ctrl-C, and for a parent that is gone.
"""

import asyncio
import json
import os
import pickle
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from voicegate.criteria_choice import rules_of
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import MeasuringError, UsageError
from voicegate.judge.stabilizes import undecided
from voicegate.report.folder import RECORDING
from voicegate.settings import GateSettings, SettingsError

_ENDS_WITHIN_S = 60.0  # the agent may take `stop_timeout_s` to end, the server as long
_LINE_BYTES = 1 << 22
_DRIVER = (sys.executable, "-P", "-m", "voicegate.own_process")


async def drive_in_own_process(
    settings: GateSettings,
    out_dir: Path,
    progress: Callable[[str], None],
    driver: Sequence[str] = _DRIVER,
    ends_within_s: float = _ENDS_WITHIN_S,
) -> Path:
    """Drive the scenario of `settings` in a child and return the path of its recording, in `out_dir`.

    However the child ends, what it said last counts. Cancelling this interrupts the run in the child, which then stops what it
    started; a child that takes longer than that is killed. Raises DriveError and SettingsError as a drive in this process does.
    """
    child = await asyncio.create_subprocess_exec(
        *driver,
        str(out_dir),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=dict(settings.environment) or None,
        start_new_session=True,
        limit=_LINE_BYTES,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with suppress(ConnectionError):  # it is gone: its exit code is told below
            child.stdin.write(pickle.dumps(settings))
            await child.stdin.drain()
        ended = await _listen(child.stdout, progress)
    finally:
        child.stdin.close()
        code = await asyncio.shield(
            asyncio.ensure_future(_end(child, ends_within_s + settings.agent.stop_timeout_s))
        )
    if ended is None:
        raise DriveError(
            f"The gate's own process, which drives the calls, ended with exit code {code}; run again"
        )
    if text := ended.get("usage"):
        raise SettingsError(text)
    if text := ended.get("error"):
        raise DriveError(text)
    return out_dir / RECORDING


async def _listen(output: asyncio.StreamReader, progress: Callable[[str], None]) -> dict[str, str] | None:
    """Tell each step; return how it ended, None if it never said."""
    while line := await output.readline():
        message: dict[str, Any] = json.loads(line)
        if "ended" in message:
            return dict(message["ended"])
        progress(message["step"])
    return None


async def _end(child: asyncio.subprocess.Process, within_s: float) -> int:
    """Wait until a child ends whose input has ended; kill it if it does not."""
    try:
        return await asyncio.wait_for(child.wait(), within_s)
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        return await child.wait()


async def _drive(settings: GateSettings, out_dir: Path, tell: Callable[..., None]) -> None:
    """Drive, and end early when the standard input ends."""
    from voicegate.drive.run import run_scenario  # noqa: PLC0415 - seconds that the parent does not need

    asking = partial(undecided, rules=rules_of(settings))
    await until_input_ends(
        run_scenario(settings, out_dir, lambda step: tell(step=step), undecided=asking), sys.stdin.fileno()
    )


async def until_input_ends(work: Coroutine[Any, Any, object], descriptor: int) -> None:
    """Do this work, and interrupt it once if the input ends before it is done: cleaning up is to be left alone."""
    loop, working = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def look() -> None:
        if not os.read(descriptor, 1):
            loop.remove_reader(descriptor)  # an end can be read again and again
            working.cancel()

    loop.add_reader(descriptor, look)
    with suppress(asyncio.CancelledError):  # interrupted: the recording says so, and the parent knows
        await working


def read_settings() -> GateSettings:
    """Read the settings that the parent has sent on the standard input, and nothing beyond."""
    with open(0, "rb", closefd=False) as orders:  # buffered: a pipe gives 64 KiB at a time
        settings: GateSettings = pickle.load(orders)  # noqa: S301 - from the parent, who started this
    return settings


def main(folder: str, output: BinaryIO) -> None:
    """Drive as the settings on the standard input say; steps and the end go to `output`, a line of JSON each."""

    def tell(**message: object) -> None:
        with suppress(OSError):  # nobody reads any more: the end of the input says so too
            output.write(json.dumps(message).encode() + b"\n")
            output.flush()

    settings = read_settings()
    try:
        asyncio.run(_drive(settings, Path(folder), tell))
        tell(ended={})
    except UsageError as error:
        tell(ended={"usage": str(error)})
    except MeasuringError as error:
        tell(ended={"error": str(error)})


if __name__ == "__main__":
    lines = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody else prints is no message
    main(sys.argv[1], lines)
