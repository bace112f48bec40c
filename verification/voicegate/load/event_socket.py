"""Where Locust's processes send the events of a load run: a Unix socket, clocks made one, and events counted.

Senders count their events, and the last package has all of their counts: events that did not arrive, or could not be read, make
the run one that could not be measured. So do events of another machine whose clock is not known well enough.
"""

import asyncio
import contextlib
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf, isinf
from pathlib import Path
from typing import Any

from voicegate.drive.errors import DriveError
from voicegate.drive.temporary import folder_for_sockets
from voicegate.load.clocks import MOST_S, boot_id
from voicegate.load.early_stop import Plan
from voicegate.record.events import Event
from voicegate.record.recording import Clock, event_from

_PACKAGE_BYTES = 1 << 24
_LAST_LINES_S = 5.0


class LostEventsError(DriveError):
    """Not every event of a load run arrived; the message says how many are missing."""


class ClockError(DriveError):
    """The clock of a worker's machine is not known well enough to say when its events happened."""


@dataclass(slots=True)
class Arrivals:
    """What arrives at the socket `path`. Times become seconds since `began`, on this machine's monotonic clock.

    `plan` is what Locust was asked for, once it has said so and if that bounds the run.
    """

    path: Path
    began: float
    plan: Plan | None = None
    _received: Counter[str] = field(default_factory=Counter)
    _sent: Counter[str] = field(default_factory=Counter)
    _unreadable: int = 0
    _within_s: float = 0.0
    _finished: bool = False

    def take(self, line: bytes) -> list[Event]:
        """Read a package. One of another machine is put in place by what is known of its clock; what cannot be read is counted.

        Once the clock of a machine is not known at all, nothing is taken any more: the run ends as one that could not be measured.
        """
        try:
            package = json.loads(line)
            by_s, fields = self._ahead_s(package) - self.began, package["events"]
            self._received[package["sender"]] += len(fields)
            self._count(package["sender"], package["until"])
            for sender, total in package.get("totals", {}).items():
                self._count(sender, total)
            self._finished = self._finished or "totals" in package
            if plan := package.get("plan"):
                self.plan = Plan(plan["callers"], plan["end_t"] + by_s, plan["arrivals_per_s"])
        except (ValueError, KeyError, TypeError, AttributeError):
            self._unreadable += 1
            return []
        if isinf(self._within_s):
            return []
        events = [event for one in fields if (event := _event(one, by_s)) is not None]
        self._unreadable += len(fields) - len(events)
        return events

    def broke(self) -> None:
        """Say that a connection brought more than can be one package: nothing after it is read."""
        self._unreadable += 1

    @property
    def misplaced(self) -> str | None:
        """Say that events of another machine cannot be put in their place; None where all can."""
        if self._within_s <= MOST_S:
            return None
        known = "is not known" if isinf(self._within_s) else f"is known within {self._within_s:.2f} s only"
        return (
            f"The clock of a worker's machine {known}, and must be within {MOST_S:g} s: its events would be compared with the memory "
            "of another time. Run the same version on all machines, with a quicker way between them and less other work."
        )

    def check(self) -> None:
        """Raise ClockError, or LostEventsError if anything that was sent did not arrive, once Locust has ended."""
        if self.misplaced is not None:
            raise ClockError(self.misplaced)
        missing = (self._sent - self._received).total()
        wrong = [
            *([f"{missing} did not arrive"] if missing else []),
            *([f"{self._unreadable} could not be read"] if self._unreadable else []),
            *([] if self._finished else ["the last package, which counts them, did not arrive"]),
        ]
        if wrong:
            raise LostEventsError(
                f"Events of the load run are lost: {', '.join(wrong)}. See locust.log beside the report, and run again."
            )

    def _ahead_s(self, package: Mapping[str, Any]) -> float:
        """How far this machine's monotonic clock is ahead of the package's."""
        if package["boot"] == boot_id():
            return 0.0
        self._within_s = max(self._within_s, float(package.get("within_s", inf)))
        return float(package.get("ahead_s", 0.0))

    def _count(self, sender: str, until: int) -> None:
        self._sent[sender] = max(self._sent[sender], int(until))


@asynccontextmanager
async def event_socket(
    clock: Clock, emit: Callable[[Event], None], package_bytes: int = _PACKAGE_BYTES
) -> AsyncIterator[Arrivals]:
    """Yield a socket that takes packages of events, and emit these on the recording's clock.

    What is still on its way when the block is left is waited for, for some seconds. A package larger than `package_bytes`
    ends its connection.
    """
    connections: set[asyncio.Task[None]] = set()
    with tempfile.TemporaryDirectory(prefix="voicegate-load-", dir=folder_for_sockets()) as folder:
        arrivals = Arrivals(Path(folder) / "events.sock", time.monotonic() - clock())

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            with contextlib.closing(writer):
                try:
                    while line := await reader.readline():
                        for event in arrivals.take(line):
                            emit(event)
                except ValueError:
                    arrivals.broke()

        async with await asyncio.start_unix_server(take, arrivals.path, limit=package_bytes):
            try:
                yield arrivals
            finally:
                if connections:
                    await asyncio.wait(connections, timeout=_LAST_LINES_S)
                for task in connections:
                    task.cancel()


def _event(fields: Mapping[str, Any], by_s: float) -> Event | None:
    try:
        return event_from(fields, by_s)
    except (ValueError, TypeError):
        return None
