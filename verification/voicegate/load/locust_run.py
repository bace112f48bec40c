"""Running Locust as a child: its options checked beforehand, its output kept, its end asked for in good time."""

import argparse
import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from voicegate.drive import processes
from voicegate.drive.errors import DriveError
from voicegate.drive.livekit_server.server import free_port
from voicegate.gate_file import SettingsError
from voicegate.redaction import secrets_in

LOCUST_FILES = Path(__file__).parents[1] / "loadtests"
LOG = "locust.log"
_GRACE_S = 20.0
_CHECK_S = 60.0
_STOP_S = 90.0  # callers may be let finish what they have begun; who will not wait presses Ctrl-C again
_FAILED_CALLS_ARE_FINE = ("--exit-code-on-error", "0")
"""Criteria judge them; an exit code that is left is trouble of Locust's own."""


class LocustError(DriveError):
    """Locust could not be run to its end; the message has its last lines."""


def locust_command(arguments: Sequence[str], folder: Path | None = None) -> list[str]:
    """Return how Locust is run on the callers of this project; `folder` is where it puts its own reports.

    Its workers find their master at a free port: two runs at a time on one machine would both want Locust's usual one.
    Raises SettingsError where Locust is not installed.
    """
    if importlib.util.find_spec("locust") is None:
        raise SettingsError("locust is not installed: pip install 'voicegate[load]', or run nox -s load")
    command = [sys.executable, "-P", "-m", "voicegate.load.plain_locust", "-f", str(LOCUST_FILES)]
    if folder is not None:
        command += ["--html", str(folder / "locust.html"), "--csv", str(folder / "locust")]
        port = str(free_port())
        command += ["--master-bind-port", port, "--master-port", port]
    return [*command, *arguments, *_FAILED_CALLS_ARE_FINE]


def check_arguments(arguments: Sequence[str]) -> None:
    """See that Locust takes these options, before anything is started. Raises SettingsError with its complaint."""
    command = [*locust_command(arguments, Path(os.devnull)), "--list"]  # which ends before a report is begun
    try:
        asked = asyncio.run(processes.ask(command, _CHECK_S, env=without_locusts(os.environ)))
    except processes.ProcessError as error:
        raise SettingsError(f"Locust cannot be asked whether it takes these options: {error}") from error
    if asked.exit_code != 0:
        complaint = (asked.complaint or asked.output).rpartition("error: ")[2].strip()
        raise SettingsError(f"Locust does not take these options: {complaint or 'it gives no reason'}")


def without_locusts(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out Locust's variables, which would make it run something else."""
    return {name: value for name, value in environment.items() if not name.startswith("LOCUST_")}


def page_address(arguments: Sequence[str]) -> str | None:
    """Return where Locust's page will be with these options, None when it is to have none."""
    if "--headless" in arguments:
        return None
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--web-host", default="localhost")
    parser.add_argument("--web-port", "-P", default="8089")
    page, _ = parser.parse_known_args(arguments)
    return f"http://{page.web_host}:{page.web_port}"


async def run_locust(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run Locust to its end; cancelled, ask it to stop, so that its callers hang up and its reports are written.

    Raises LocustError when it did not come to a regular end.
    """
    log = folder / LOG
    try:
        with log.open("wb") as output:
            own = without_locusts(environment)
            code = await _run(locust_command(arguments, folder), own, folder, output.fileno())
    finally:
        secrets_in(environment).hide_in_files(folder, "locust*")
    if code != 0:
        raise LocustError(f"Locust ended with exit code {code}. Its last lines:\n{_tail(log)}")


async def _run(command: Sequence[str], environment: Mapping[str, str], folder: Path, output: int) -> int:
    process = await processes.start(
        command, env=environment, cwd=folder, stdout=output, stderr=processes.STDOUT, grace_s=_GRACE_S
    )
    async with processes.running(process):
        try:
            return await process.wait()
        except asyncio.CancelledError:
            await _interrupt(process)
            raise


async def _interrupt(process: processes.LeashedProcess) -> None:
    """Send the Ctrl-C that Locust expects, and wait."""
    with contextlib.suppress(ProcessLookupError, TimeoutError):
        os.kill(process.pid, signal.SIGINT)
        await asyncio.wait_for(process.wait(), _STOP_S)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
