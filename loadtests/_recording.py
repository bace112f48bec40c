"""The way of events into the recording of `nox -s load`: from workers with Locust's reports to the master, and out.

Without VOICEGATE_EVENTS, the path of a Unix socket, nobody records and events are dropped.
"""

import contextlib
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from voicegate.load.messages import EVENTS_SOCKET

REPORT_KEY = "voicegate"
_SEND_S = 0.5

Line = dict[str, Any]


class RecordingLink:
    """Takes lines of this process and sees that they reach the recording; `flush` waits until they are sent."""

    def __init__(self, environment: Environment) -> None:
        self._lines: list[Line] = []
        self._socket: socket.socket | None = None
        if isinstance(environment.runner, WorkerRunner):
            environment.events.report_to_master.add_listener(self._report)
            return
        path = os.environ.get(EVENTS_SOCKET)
        if path is not None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(path)
            gevent.spawn(self._send_regularly)
        if isinstance(environment.runner, MasterRunner):
            environment.events.worker_report.add_listener(self._on_report)

    def add(self, line: Line) -> None:
        """Take one event, times in this machine's monotonic seconds."""
        self._lines.append(line)

    def take(self) -> Line:
        """Give away what is there, as a package of events and the clock that timed them."""
        lines, self._lines = self._lines, []
        return _package(lines)

    def pass_on(self, package: Line) -> None:
        """Send a worker's package."""
        if package["events"]:
            self._send(package)

    def flush(self) -> None:
        """Send what is there, where this process is the one that sends."""
        self.pass_on(self.take())

    def _report(self, client_id: str, data: Line) -> None:  # noqa: ARG002 - Locust passes names
        data[REPORT_KEY] = self.take()

    def _on_report(self, client_id: str, data: Line) -> None:  # noqa: ARG002 - likewise
        if REPORT_KEY in data:
            self.pass_on(data[REPORT_KEY])

    def _send(self, package: Line) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendall(json.dumps(package).encode() + b"\n")

    def _send_regularly(self) -> None:
        while True:
            gevent.sleep(_SEND_S)
            self.flush()


def lost_call(call: str, room: str, phase: str) -> Line:
    """Make the event that ends a call whose caller is gone."""
    return {
        "kind": "call",
        "t": time.monotonic(),
        "call": call,
        "step": "failed",
        "room": room,
        "phase": phase,
        "detail": "the process that its caller lived in is gone",
        "fault": "caller-process",
    }


def _package(lines: list[Line]) -> Line:
    """Put events and the clock that timed them together: one machine's monotonic clock is not another's."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return {"boot": boot, "wall_offset_s": time.time() - time.monotonic(), "events": lines}
