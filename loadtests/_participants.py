"""The process of callers beside a Locust worker, as greenlets see it: started when needed, and again when it died."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import gevent
from gevent.lock import RLock
from voicegate.drive.temporary import folder_for_sockets
from voicegate.limits import TurnLimits
from voicegate.load.messages import CallRequest, WatchRequest, to_line
from voicegate.settings import GateSettings

WATCH_S = 2.0
_READY_S = 30.0
_HANG_UP_S = 8.0

Line = dict[str, Any]


class ParticipantsError(Exception):
    """The process of callers did not start, or died; no fault of the agent."""


def participants_command(settings: GateSettings, seed: int) -> list[str]:
    """Return how a process of callers is started; `seed` sets the order of their codes."""
    limits = settings.limits.model_dump_json(include=set(TurnLimits.model_fields), exclude_defaults=True)
    return [
        *(sys.executable, "-P", "-m", "voicegate.load", "participants"),
        *("--clips", str(settings.scenario.clips), "--seed", str(seed)),
        *("--limits", limits),
    ]


class ParticipantProcess:
    """All callers of one worker live in one process; it ends when `close` is called or this process is gone.

    `command` starts it, with the path of its socket as one more argument; it writes "ready" when it listens. `on_line` gets what the process says about itself, `on_death` a text when it died.
    """

    def __init__(
        self, command: Sequence[str], on_line: Callable[[Line], None], on_death: Callable[[str], None]
    ) -> None:
        self._command = command
        self._on_line = on_line
        self._on_death = on_death
        self._starting = RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="voicegate-callers-", dir=folder_for_sockets()))
        self._starts = 0

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.pid if self._process else None

    def prepare(self) -> None:
        """Start the process before the first call, which would begin late otherwise."""
        try:
            self._running()
        except ParticipantsError as error:
            self._on_death(str(error))

    def call(self, request: CallRequest) -> Iterator[Line]:
        """Make a call and yield what comes back, line by line. Raises ParticipantsError.

        A user who is stopped in the middle hangs up; the last lines go to `on_line` then.
        """
        with self._connection(to_line(request)) as connection, connection.makefile("rb") as stream:
            try:
                for line in _parsed(stream):
                    if line["kind"] == "over":
                        return
                    yield line
            except (GeneratorExit, gevent.GreenletExit):
                self._hang_up(connection, stream)
                raise
        raise ParticipantsError("the process of its caller died")

    def close(self) -> None:
        """Let go of the process: it ends when its standard input closes, or is killed soon after."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(_HANG_UP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _hang_up(self, connection: socket.socket, stream: BinaryIO) -> None:
        with contextlib.suppress(OSError), gevent.Timeout(_HANG_UP_S, False):
            connection.shutdown(socket.SHUT_WR)
            for line in _parsed(stream):
                if line["kind"] not in ("outcome", "over"):
                    self._on_line(line)

    @contextlib.contextmanager
    def _connection(self, request: bytes) -> Iterator[socket.socket]:
        path = self._running()
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(path))
                connection.sendall(request)
            except OSError as error:
                raise ParticipantsError(f"the process of its caller does not listen: {error}") from error
            yield connection

    def _running(self) -> Path:
        """Return the socket of the process, which is started if there is none."""
        with self._starting:
            path = self._folder / f"{self._starts}.sock"
            if self._process is None or self._process.poll() is not None:
                self._starts += 1
                path = self._folder / f"{self._starts}.sock"
                self._process = self._start(path)
                gevent.spawn(self._watch, self._process, path)
            return path

    def _start(self, path: Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*self._command, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        with gevent.Timeout(_READY_S, False):
            if process.stdout.readline().strip() == b"ready":
                return process
        process.kill()
        raise ParticipantsError(f"the process of callers did not come up (exit code {process.wait()})")

    def _watch(self, process: subprocess.Popen[bytes], path: Path) -> None:
        """Pass on how the process keeps up, until it is gone; tell of a death that nobody asked for."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(to_line(WatchRequest(WATCH_S)))
            with connection.makefile("rb") as stream:
                for line in _parsed(stream):
                    self._on_line(line)
        if process is self._process:
            self._on_death(f"the process of callers ended with exit code {process.wait()}")


def _parsed(stream: BinaryIO) -> Iterator[Line]:
    """Read lines of JSON; one that was torn by a death is left out."""
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            yield json.loads(line)
