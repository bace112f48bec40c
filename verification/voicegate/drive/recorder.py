"""What is recorded while a scenario runs: events from everywhere, from any thread."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from functools import partial

from voicegate.log_contract import LogContract
from voicegate.measure.copies import Copies
from voicegate.record.events import GONE, CallEvent, Event, LogLine, MemorySample
from voicegate.record.recording import Clock, RecordingError, RecordingWriter
from voicegate.redaction import Secrets

Explain = Callable[[CallEvent], CallEvent]

_log = logging.getLogger(__name__)


class Recorder:
    """Writes events to the recording; `reports` counts the memory reports of the agent that runs among them.

    `steady_since_t` is when one of its processes was last seen to have come or gone, if any was.

    `emit` never raises, as it is called in the middle of other work, from any thread: `failed` tells when
    writing became impossible. Each event also goes to the `listeners`, which must not raise either. Steps of calls are
    `explained` first, by what is known of the agent that runs.
    """

    def __init__(self, writer: RecordingWriter, clock: Clock, contract: LogContract) -> None:
        self.clock = clock
        self.reports = 0
        self.steady_since_t = float("-inf")
        self.listeners: list[Callable[[Event], None]] = []
        self._explained: Explain = _as_it_is
        self._copies = Copies()
        self._calls: set[str] = set()
        self._processes: frozenset[int] = frozenset()
        self._reported = asyncio.Event()
        self._writer = writer
        self._error: RecordingError | None = None
        self._loop = asyncio.get_running_loop()
        self._failure: asyncio.Future[str] = self._loop.create_future()
        patterns = (contract.memory_healthy, contract.memory_warning, contract.memory_high)
        self._report = re.compile("|".join(f"(?:{_unnamed(p)})" for p in patterns if p) or r"(?!)")
        self.expects_reports = contract.reports_memory

    def emit(self, event: Event) -> None:
        """Record one event."""
        if isinstance(event, CallEvent):
            event = self._with_reason(event)
        for listen in self.listeners:
            listen(event)
        try:
            self._writer.write(event)
        except RecordingError as error:
            self._error = self._error or error
            self._in_loop(partial(self._fail, str(error)))
        if isinstance(event, CallEvent):
            self._in_loop(partial(self._count_call, event))
        if isinstance(event, MemorySample) and event.complete:
            self._in_loop(partial(self._compare_processes, event))
        if (
            isinstance(event, LogLine)
            and self._report.search(event.message)
            and not self._copies.is_copy(event)
        ):
            self._in_loop(self._count_report)

    @property
    def secrets(self) -> Secrets:
        """What is written nowhere; more may be added."""
        return self._writer.secrets

    def calls(self) -> int:
        """Count the calls that were dialed and not hung up."""
        return len(self._calls)

    def begin_agent(self, explained: Explain | None = None) -> None:
        """Count reports from nothing: another agent is about to start, whose calls `explained` knows about."""
        self.reports = 0
        self._explained = explained or _as_it_is

    async def failed(self) -> str:
        """Wait until writing has failed; return the reason."""
        return await asyncio.shield(self._failure)

    async def wait_for_reports(self, count: int, timeout_s: float) -> None:
        """Wait until the agent has reported its memory `count` times since it started, but no longer than this."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.reports < count:
                    self._reported.clear()
                    await self._reported.wait()

    def check(self) -> None:
        """Raise the RecordingError that made writing impossible, if one did."""
        if self._error is not None:
            raise self._error

    def _with_reason(self, event: CallEvent) -> CallEvent:
        try:
            return self._explained(event)
        except Exception:  # noqa: BLE001 - what goes wrong with a reason costs the reason
            _log.exception("no reason was found for a failed call")
            return event

    def _in_loop(self, work: Callable[[], None]) -> None:
        """Do it in the event loop, whichever thread this is; at once where it is the loop's own."""
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            work()
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(work)

    def _count_report(self) -> None:
        self.reports += 1
        self._reported.set()

    def _compare_processes(self, sample: MemorySample) -> None:
        processes = frozenset(process.pid for process in sample.processes)
        if processes != self._processes:
            self._processes, self.steady_since_t = processes, sample.t

    def _count_call(self, event: CallEvent) -> None:
        if event.step == "dialed":
            self._calls.add(event.call)
        elif event.step in GONE:
            self._calls.discard(event.call)

    def _fail(self, reason: str) -> None:
        if not self._failure.done():
            self._failure.set_result(reason)


def _as_it_is(event: CallEvent) -> CallEvent:
    return event


def _unnamed(pattern: str) -> str:
    """Take the names from groups, so that patterns with the same names can be joined."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)
