"""A process that callers live in: participants of LiveKit rooms, told what to do over a Unix socket.

Locust runs on gevent, LiveKit's media on asyncio and threads of its own: in one process they block each other for good.
So each Locust worker has one such process beside it, for all of its callers.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicegate.drive.caller import Caller, CallerConfig, leave, talk
from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import Clip
from voicegate.drive.lag import measure_callers
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.limits import TurnLimits
from voicegate.load.messages import CallRequest, LocustEntry, Over, WatchRequest, request_from, to_line
from voicegate.load.outcomes import CallOutcomes
from voicegate.record.events import Event
from voicegate.record.recording import as_line


@dataclass(slots=True)
class Participants:
    """Serves calls and watches; `limits` say what is wrong with a turn. Times are monotonic seconds."""

    clips: ClipSupply
    limits: TurnLimits
    clock: Callable[[], float] = time.monotonic
    _calls: set[str] = field(default_factory=set)

    async def serve(self, path: Path, on_ready: Callable[[], None]) -> None:
        """Take connections at `path` until cancelled; `on_ready` is called once the socket is there."""
        async with await asyncio.start_unix_server(self._serve_one, path) as server:
            on_ready()
            await server.serve_forever()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what the first line asks for, until it is done, the other side has enough of it, or this process ends."""
        ended = (
            ConnectionError,
            ValueError,
            asyncio.CancelledError,
        )  # asyncio would print a stack for the last
        with contextlib.closing(writer), contextlib.suppress(*ended):
            match request_from(await reader.readline()):
                case CallRequest() as request:
                    work = self._call(request, _EventSender(writer))
                case WatchRequest() as request:
                    work = self._watch(request, _EventSender(writer))
            await _until_closed(reader, asyncio.create_task(work))
            await writer.drain()

    async def _call(self, request: CallRequest, sender: "_EventSender") -> None:
        clips = [self.clips.take(kind) for kind in request.turns]
        outcomes = CallOutcomes(lambda: self.clips.foreign(clips), self.limits)
        caller = Caller(
            request.name,
            request.phase,
            _caller_config(request, self.clock, sender.telling(outcomes), self.limits),
        )
        self._calls.add(request.name)
        try:
            await talk(caller, clips, request.pauses_s)
        finally:
            await asyncio.shield(asyncio.ensure_future(self._end(caller, clips, sender)))

    async def _end(self, caller: Caller, clips: Sequence[Clip], sender: "_EventSender") -> None:
        try:
            await leave(caller)
        finally:
            self._calls.discard(caller.name)
            self.clips.end_call(clips)
            sender.send(to_line(Over()))

    async def _watch(self, request: WatchRequest, sender: "_EventSender") -> None:
        name = f"callers-{os.getpid()}"
        while True:
            sender.tell(await measure_callers(name, request.interval_s, lambda: len(self._calls), self.clock))


class _EventSender:
    """Sends lines from any thread, in order; what cannot be sent is lost, as nobody listens any more."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()

    def tell(self, event: Event) -> None:
        """Send an event of the recording."""
        self.send(as_line(event))

    def telling(self, outcomes: CallOutcomes) -> Callable[[Event], None]:
        """Make a function that sends an event, and its outcome if it has one."""

        def tell(event: Event) -> None:
            self.tell(event)
            outcome: LocustEntry | None = outcomes.of(event)
            if outcome is not None:
                self.send(to_line(outcome))

        return tell

    def send(self, line: bytes) -> None:
        """Send one line."""
        self._loop.call_soon_threadsafe(self._write, line)

    def _write(self, line: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(line)


async def _until_closed(reader: asyncio.StreamReader, work: asyncio.Task[None]) -> None:
    """Wait for the work to end; when the other side closes, end it."""
    closed = asyncio.create_task(reader.read())
    try:
        await asyncio.wait((work, closed), return_when=asyncio.FIRST_COMPLETED)
    finally:
        closed.cancel()
        work.cancel()
        await asyncio.gather(work, closed, return_exceptions=True)


def _caller_config(
    request: CallRequest, clock: Callable[[], float], emit: Callable[[Event], None], limits: TurnLimits
) -> CallerConfig:
    return CallerConfig(
        server=LiveKitServer(request.url, request.api_key, request.api_secret),
        run=request.run,
        agent_name=request.agent_name,
        expected_reply=request.expected_reply,
        join_timeout_s=request.join_timeout_s,
        reply_timeout_s=request.reply_timeout_s,
        clock=clock,
        emit=emit,
        folder=None,
        language=request.language,
        fillers=request.fillers,
        spoken=request.spoken,
        limits=limits,
    )
