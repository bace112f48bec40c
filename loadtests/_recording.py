"""The way of events into the recording of `nox -s load`: from workers with Locust's reports to the master, and out.

Without VOICEGATE_EVENTS, the path of a Unix socket, nobody records and events are dropped, once the listeners have heard them.

Every package says who sent it and how many events its sender has sent by then, and the last one says that for all senders: so the
run that records them knows whether any are missing.
"""

import contextlib
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from gevent.lock import RLock
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from voicegate.load.clocks import boot_id
from voicegate.load.messages import EVENTS_SOCKET
from voicegate.record.events import Fault

REPORT_KEY = "voicegate"
LOST = "the process that its caller lived in is gone"
_SEND_S = 0.5

Line = dict[str, Any]


class RecordingLink:
    """Takes lines of this process and sees that they reach the recording; `finish` sends the last of them.

    `plan` is what is asked for, as `early_stop.Plan` has it, and goes with every package of the process that sends; `clock_of` tells
    what is known of another machine's clock, and goes with its packages.
    """

    def __init__(self, environment: Environment) -> None:
        self.plan: Line | None = None
        self.clock_of: Callable[[str], Mapping[str, float]] = lambda _: {}
        self.listeners: list[Callable[[Line], None]] = []
        self._sender = secrets.token_hex(8)
        self._counts: dict[str, int] = {self._sender: 0}
        self._sending = RLock()
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
        self._counts[self._sender] += len(lines)
        return package_of(lines, self._sender, self._counts[self._sender])

    def pass_on(self, package: Line) -> None:
        """Send a package of this process or of a worker."""
        self._counts[package["sender"]] = package["until"]
        for line in package["events"]:
            for listen in self.listeners:
                listen(line)
        if package["events"]:
            self._send(package | dict(self.clock_of(package["boot"])))

    def flush(self) -> None:
        """Send what is there, where this process is the one that sends."""
        self.pass_on(self.take() | {"plan": self.plan})

    def finish(self) -> None:
        """Send what is left, and how many events there were of every sender."""
        self._send(self.take() | {"totals": self._counts})

    def _report(self, client_id: str, data: Line) -> None:  # noqa: ARG002 - Locust passes names
        data[REPORT_KEY] = self.take()

    def _on_report(self, client_id: str, data: Line) -> None:  # noqa: ARG002 - likewise
        if REPORT_KEY in data:
            self.pass_on(data[REPORT_KEY])

    def _send(self, package: Line) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError), self._sending:  # what is missing is noticed at the other end
                self._socket.sendall(json.dumps(package).encode() + b"\n")

    def _send_regularly(self) -> None:
        while True:
            gevent.sleep(_SEND_S)
            self.flush()


def lost_call(call: str, room: str, phase: str, detail: str = LOST, fault: Fault = "caller-process") -> Line:
    """Make the event that ends a call whose caller is gone, or never came."""
    where = {"call": call, "room": room, "phase": phase}
    return {
        "kind": "call",
        "t": time.monotonic(),
        "step": "failed",
        "detail": detail,
        "fault": fault,
        **where,
    }


def package_of(lines: list[Line], sender: str, until: int) -> Line:
    """Put events and the machine whose clock timed them together: one machine's monotonic clock is not another's."""
    return {"boot": boot_id(), "sender": sender, "until": until, "events": lines}
