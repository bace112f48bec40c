"""Where Locust's processes send the events of a load run: a Unix socket, and clocks made one."""

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from voicegate.record.events import Event
from voicegate.record.recording import Clock, event_from

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PACKAGE_BYTES = 1 << 24
_LAST_LINES_S = 5.0


@asynccontextmanager
async def event_socket(clock: Clock, emit: Callable[[Event], None]) -> AsyncIterator[Path]:
    """Yield the path of a socket that takes packages of events, and emit these on the recording's clock.

    What is still on its way when the block is left is waited for, for some seconds.
    """
    began = time.monotonic() - clock()
    connections: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with contextlib.closing(writer):
            while line := await reader.readline():
                for event in events_in(line, began):
                    emit(event)

    with tempfile.TemporaryDirectory(prefix="voicegate-load-") as folder:
        path = Path(folder) / "events.sock"
        async with await asyncio.start_unix_server(take, path, limit=_PACKAGE_BYTES):
            try:
                yield path
            finally:
                if connections:
                    await asyncio.wait(connections, timeout=_LAST_LINES_S)
                for task in connections:
                    task.cancel()


def events_in(line: bytes, began: float) -> list[Event]:
    """Read a package; times become seconds since `began`, on this machine's monotonic clock.

    A package of another machine is put in place by the wall clock. What is no event is left out.
    """
    try:
        package = json.loads(line)
        by_s, events = _offset_s(package) - began, package["events"]
    except (ValueError, KeyError, TypeError):
        return []
    return [event for fields in events if (event := _event(fields, by_s)) is not None]


def _event(fields: Mapping[str, Any], by_s: float) -> Event | None:
    try:
        return event_from(fields, by_s)
    except (ValueError, TypeError):
        return None


def _offset_s(package: Mapping[str, Any]) -> float:
    """How far this machine's monotonic clock is ahead of the package's."""
    if package["boot"] == _BOOT.read_text(encoding="ascii").strip():
        return 0.0
    return float(package["wall_offset_s"]) - (time.time() - time.monotonic())
