"""The way of events from Locust's processes; in a program of its own, as importing Locust changes the process."""

import asyncio
import sys

from voicegate.load.event_socket import event_socket
from voicegate.load.messages import EVENTS_SOCKET
from voicegate.record.events import Event
from voicegate.record.recording import start_clock

PROGRAM = """
from locust.env import Environment
from voicegate.loadtests._recording import RecordingLink, package_of
step = {"kind": "call", "t": 1.0, "call": "c", "step": "dialed", "room": "r", "phase": "load"}
link = RecordingLink(Environment())
link.add(step)
link.add(step)
link.flush()
link.pass_on(package_of([step], "worker", 1))
link.add(step)
link.finish()
"""


async def test_every_event_is_counted_also_those_of_workers() -> None:
    """What arrives is complete by the counts of the last package."""
    events: list[Event] = []
    async with event_socket(start_clock(), events.append) as arrivals:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, env={EVENTS_SOCKET: str(arrivals.path)}
        )
        async with asyncio.timeout(60):
            assert await process.wait() == 0
    assert len(events) == 4
    arrivals.check()
