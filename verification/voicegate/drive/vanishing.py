"""Callers who vanish, each in a process of its own that is killed in the middle of the call.

Nothing else goes as truly without a goodbye: LiveKit's client says one whenever it is closed, and a killed process cannot. The kernel
closes its sockets, as it does when a browser crashes; that the network is gone, the server notices later still.

`python -m voicegate.drive.vanishing ORDER` makes one call, and writes its events as JSON lines on standard output.
"""

import asyncio
import os
import pickle
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from voicegate.drive import processes
from voicegate.drive.caller import BROKEN_OFF, Caller, CallerConfig, leave, talk
from voicegate.drive.clips.library import Clip
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.script import ScriptStep
from voicegate.record.events import GONE, CallEvent, Event, Fault
from voicegate.record.recording import as_line, event_of

_LAST_LINES = 3
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that is to be made: the last clips are those of the script."""

    name: str
    phase: str
    config: CallerConfig
    clips: tuple[Clip, ...]
    script: tuple[ScriptStep, ...]


async def talk_and_vanish(order: CallOrder, program: Sequence[str] = ("-m", __name__)) -> None:
    """Make a call in another process, emit its events, and record why it failed, if it did; nothing of it is left."""
    config, gone = order.config, False
    complaint: deque[str] = deque(maxlen=_LAST_LINES)
    reason = "its process failed"
    fault: Fault = "caller-process"
    try:
        with _written(order) as path:
            command = [sys.executable, "-P", *program, str(path)]
            process = await processes.start(
                command, stdout=processes.PIPE, stderr=processes.STDOUT, grace_s=1.0
            )
            async with processes.running(process):
                assert process.stdout is not None
                async for text in process.stdout:
                    try:
                        event = event_of(text)
                    except ValueError:
                        complaint.append(text[:_LONGEST].decode(errors="replace").rstrip())
                        continue
                    gone = gone or (isinstance(event, CallEvent) and event.step in GONE)
                    config.emit(event)
                code = await process.wait()
            reason = "; ".join((f"its process ended with exit code {code}", *complaint))
    except (processes.ProcessError, OSError) as error:  # the other calls go on
        reason = f"its process could not be run: {error}"
    except asyncio.CancelledError:
        reason, fault = BROKEN_OFF, "run"
        raise
    finally:
        if not gone:
            room = f"{config.run}-{order.name}"
            t = config.clock()
            config.emit(CallEvent(t, order.name, "failed", room, order.phase, reason, fault))
            config.emit(CallEvent(t, order.name, "hung_up", room, order.phase))


@contextmanager
def _written(order: CallOrder) -> Iterator[Path]:
    """Write an order for the other process, with what both know: where the call goes, and when the recording began."""
    config = order.config
    began = time.monotonic() - config.clock()
    server = LiveKitServer(config.server.url, config.server.api_key, config.server.api_secret)
    sent = replace(config, server=server, clock=time.monotonic, emit=_tell)
    with tempfile.TemporaryDirectory(prefix="voicegate-caller-") as folder:
        path = Path(folder) / "order"
        path.write_bytes(pickle.dumps((began, replace(order, config=sent))))
        yield path


def _tell(event: Event) -> None:
    sys.stdout.buffer.write(as_line(event))
    sys.stdout.buffer.flush()


def _vanish() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _call(began: float, order: CallOrder) -> None:
    """Make the call; if it comes to its end, this process does not."""
    config = replace(order.config, clock=lambda: time.monotonic() - began, vanish=_vanish)
    caller = Caller(order.name, order.phase, config)
    try:
        await talk(caller, order.clips, script=order.script)
    finally:
        await leave(caller)


if __name__ == "__main__":
    asyncio.run(_call(*pickle.loads(Path(sys.argv[1]).read_bytes())))  # noqa: S301 - our own, from a folder that only we can read
