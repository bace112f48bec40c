"""Where the events of Locust's processes arrive."""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from voicegate.load.early_stop import Plan
from voicegate.load.event_socket import Arrivals, ClockError, LostEventsError, event_socket
from voicegate.record.events import CallEvent, Event
from voicegate.record.recording import start_clock

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
STEP = {"kind": "call", "call": "c", "step": "dialed", "room": "r", "phase": "load", "detail": None}


def package(
    t: float,
    boot: str = BOOT,
    more: object = None,
    until: int = 1,
    **others: object,
) -> bytes:
    """Make a line as Locust's processes send it."""
    events = [STEP | {"t": t}, *([] if more is None else [more])]
    told = {"boot": boot, "sender": "a", "until": until, "events": events}
    return json.dumps(told | others).encode() + b"\n"


def events_in(line: bytes, began: float) -> list[Event]:
    """Read a package."""
    return Arrivals(Path("socket"), began).take(line)


def test_times_are_put_on_the_recordings_clock() -> None:
    """Seconds since it began."""
    (event,) = events_in(package(107.5), began=100.0)
    assert event.t == pytest.approx(7.5)


def test_another_machine_is_put_in_place_by_what_its_clock_showed() -> None:
    """It began at another time."""
    arrivals = Arrivals(Path("socket"), began=100.0)
    (event,) = arrivals.take(package(17.5, boot="another", ahead_s=90.0, within_s=0.25))
    arrivals.take(package(1.0, events=[], totals={"a": 1}))
    assert event.t == pytest.approx(7.5)
    arrivals.check()


@pytest.mark.parametrize(
    ("known", "said"),
    [({}, "is not known"), ({"ahead_s": 90.0, "within_s": 0.26}, "is known within 0.26 s only")],
)
def test_a_clock_that_is_not_known_well_enough_is_an_error(known: dict[str, Any], said: str) -> None:
    """Its calls would be compared with the memory of another time; later packages do not mend that."""
    arrivals = Arrivals(Path("socket"), began=100.0)
    arrivals.take(package(17.5, boot="another", **known))
    arrivals.take(package(18.5, boot="another", until=2, ahead_s=90.0, within_s=0.01))
    assert arrivals.misplaced is not None
    assert said in arrivals.misplaced
    assert bool(arrivals.take(package(19.5, boot="another", until=3, **known))) == bool(known)
    with pytest.raises(ClockError, match=said):
        arrivals.check()


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"boot": ', b'{"boot": "x", "ahead_s": null, "within_s": 0, "events": []}']
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
    async with event_socket(clock, events.append) as arrivals:
        _, writer = await asyncio.open_unix_connection(arrivals.path)
        writer.write(package(time.monotonic()))
        while not events:
            await asyncio.sleep(0.01)
        writer.write(package(time.monotonic(), until=2))
        writer.write(package(time.monotonic(), until=3, totals={"a": 3}))
        asyncio.get_running_loop().call_later(0.3, writer.close)
    assert [type(event) for event in events] == [CallEvent] * 3
    arrivals.check()


async def test_a_long_path_for_temporary_files_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system takes no socket there: its folder is made in /tmp, and only then."""
    for folder in (tmp_path / ("long" * 30), Path("/var/tmp")):
        folder.mkdir(exist_ok=True)
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        async with event_socket(start_clock(), print) as arrivals:
            assert (arrivals.path.parent.parent == folder) is (folder == Path("/var/tmp"))
            _, writer = await asyncio.open_unix_connection(arrivals.path)
            writer.close()


FINAL: dict[str, Any] = {"events": [], "totals": {"a": 1, "b": 0}}


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ([package(1.0, until=3), package(1.0, **FINAL)], "2 did not arrive"),
        ([package(1.0), package(1.0, events=[], totals={"a": 1, "b": 2})], "2 did not arrive"),
        ([package(1.0)], "the last package, which counts them, did not arrive"),
        ([package(1.0, more={"kind": "over"}, until=2), package(1.0, **FINAL)], "1 could not be read"),
        ([package(1.0), b'{"half": ', package(1.0, **FINAL)], "1 could not be read"),
        ([], "the last package"),
    ],
    ids=["gap", "of a worker", "no end", "no event", "torn", "nothing"],
)
def test_events_that_are_lost_are_noticed(lines: list[bytes], lost: str) -> None:
    """By the counts of their senders: the run was not measured."""
    arrivals = Arrivals(Path("socket"), 0.0)
    for line in lines:
        arrivals.take(line)
    with pytest.raises(LostEventsError, match=lost):
        arrivals.check()


def test_what_is_asked_for_is_put_on_the_recordings_clock() -> None:
    """It comes with the packages of the process that sends; those of its workers say nothing about it."""
    arrivals = Arrivals(Path("socket"), began=100.0)
    arrivals.take(package(101.0, plan={"callers": 5, "end_t": 160.0, "arrivals_per_s": None}))
    arrivals.take(package(102.0, sender="worker"))
    assert arrivals.plan == Plan(5, 60.0)


def test_packages_may_overtake_each_other() -> None:
    """Two workers, and a package that came late."""
    arrivals = Arrivals(Path("socket"), 0.0)
    for line in (
        package(1.0, until=2),
        package(1.0, until=1),
        package(1.0, sender="b"),
        package(1.0, **FINAL),
    ):
        arrivals.take(line)
    arrivals.check()


async def test_a_package_that_is_too_large_is_noticed() -> None:
    """The connection brings nothing more after it."""
    async with event_socket(start_clock(), lambda _: None, package_bytes=1000) as arrivals:
        reader, writer = await asyncio.open_unix_connection(arrivals.path)
        writer.write(package(1.0, name="x" * 5000))
        async with asyncio.timeout(5):
            await reader.read()  # the other side closes
        writer.close()
    with pytest.raises(LostEventsError, match="could not be read"):
        arrivals.check()
