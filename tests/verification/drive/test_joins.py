"""Joins that are left behind are never cancelled, not even when the event loop ends."""

import asyncio
import socket
import subprocess
import sys
import threading

from voicegate.drive.joins import joining, joins_over

PROGRAM = """
import asyncio, os, sys
from livekit import rtc
from voicegate.drive.joins import joining, joins_over

async def main():
    join = joining(rtc.Room().connect(sys.argv[1], "token"))
    try:
        await asyncio.wait_for(asyncio.shield(join), 0.5)
    except TimeoutError:
        print("gave up", flush=True)
    await joins_over()

asyncio.run(main())
print("judged", flush=True)
os._exit(0)  # as the gate leaves: LiveKit's client can end a process that takes itself down, too
"""


async def test_a_join_that_was_given_up_is_waited_for() -> None:
    """Whoever waited for it is gone; it ends by itself, with an error that nobody has to see."""
    answered = asyncio.Event()

    async def join() -> None:
        await answered.wait()
        raise ConnectionError

    task = joining(join())
    over = asyncio.create_task(joins_over())
    await asyncio.sleep(0)
    assert not over.done()
    answered.set()
    await asyncio.wait_for(over, 5)
    assert isinstance(task.exception(), ConnectionError)
    await asyncio.wait_for(joins_over(), 1)


async def test_the_wait_for_a_join_is_bounded() -> None:
    """One that never ends does not hold the run up for ever."""
    task = joining(asyncio.sleep(600))
    await asyncio.wait_for(joins_over(0.05), 5)
    assert not task.done()
    task.cancel()


def test_a_process_that_ends_in_the_middle_of_a_join_ends_as_it_should() -> None:
    """LiveKit's client would end it, before anything is judged, were its join cancelled; a server that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connections.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        url = f"ws://127.0.0.1:{server.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "gave up\n"
    for connection in connections:
        connection.close()
    output, complaint = process.communicate(timeout=90)
    assert (process.returncode, output) == (0, "judged\n"), complaint
