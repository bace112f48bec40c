"""Where the events of Locust's processes arrive."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from voicegate.load.event_socket import event_socket, events_in
from voicegate.record.events import CallEvent, Event
from voicegate.record.recording import start_clock

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
STEP = {"kind": "call", "call": "c", "step": "dialed", "room": "r", "phase": "load", "detail": None}


def package(t: float, boot: str = BOOT, offset_s: float | None = None, more: object = None) -> bytes:
    """Make a line as Locust's processes send it."""
    offset_s = time.time() - time.monotonic() if offset_s is None else offset_s
    events = [STEP | {"t": t}, *([] if more is None else [more])]
    return json.dumps({"boot": boot, "wall_offset_s": offset_s, "events": events}).encode() + b"\n"


def test_times_are_put_on_the_recordings_clock() -> None:
    """Seconds since it began."""
    (event,) = events_in(package(107.5), began=100.0)
    assert event.t == pytest.approx(7.5)


def test_a_change_of_the_wall_clock_moves_nothing_on_this_machine() -> None:
    """Only the monotonic clock counts here."""
    (event,) = events_in(package(107.5, offset_s=5.0), began=100.0)
    assert event.t == pytest.approx(7.5)


def test_another_machine_is_put_in_place_by_the_wall_clock() -> None:
    """Its monotonic clock began at another time."""
    ours = time.time() - time.monotonic()
    (event,) = events_in(package(17.5, boot="another", offset_s=ours + 90.0), began=100.0)
    assert event.t == pytest.approx(7.5, abs=0.05)


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"boot": ', b'{"boot": "x", "wall_offset_s": null, "events": []}']
)
def test_what_is_no_package_is_left_out(line: bytes) -> None:
    """A process that died may have left half a line."""
    assert events_in(line, 0.0) == []


def test_what_is_no_event_does_not_take_others_along() -> None:
    """The rest of its package counts."""
    assert len(events_in(package(1.0, more={"kind": "over"}), 0.0)) == 1


async def test_packages_that_are_on_their_way_are_waited_for() -> None:
    """The last events of a run come when Locust has ended."""
    events: list[Event] = []
    clock = start_clock()
    async with event_socket(clock, events.append) as path:
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(package(time.monotonic()))
        while not events:
            await asyncio.sleep(0.01)
        writer.write(package(time.monotonic()) * 2)
        asyncio.get_running_loop().call_later(0.3, writer.close)
    assert [type(event) for event in events] == [CallEvent] * 3
