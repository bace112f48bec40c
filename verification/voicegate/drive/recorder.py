"""What is recorded while a scenario runs: events from everywhere, and the agent's memory at a steady pace."""

import asyncio
import contextlib
import re
from collections.abc import Callable

from voicegate.log_contract import LogContract
from voicegate.record.events import Event, LogLine
from voicegate.record.process_tree import ProcessTree
from voicegate.record.recording import Clock, RecordingError, RecordingWriter


class Recorder:
    """Writes events to the recording; `reports` counts the memory reports of the agent that runs among them.

    `emit` never raises, as it is called in the middle of other work, from any thread: `failed` tells when
    writing became impossible. Each event also goes to the `listeners`, which must not raise either.
    """

    def __init__(self, writer: RecordingWriter, clock: Clock, contract: LogContract) -> None:
        self.clock = clock
        self.reports = 0
        self.listeners: list[Callable[[Event], None]] = []
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
        for listen in self.listeners:
            listen(event)
        try:
            self._writer.write(event)
        except RecordingError as error:
            self._error = self._error or error
            self._loop.call_soon_threadsafe(self._fail, str(error))
        if isinstance(event, LogLine) and self._report.search(event.message):
            self.reports += 1
            self._loop.call_soon_threadsafe(self._reported.set)

    def begin_agent(self) -> None:
        """Count reports from nothing: another agent is about to start."""
        self.reports = 0

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

    async def sample_memory(self, tree: ProcessTree, interval_s: float) -> None:
        """Record the memory of the tree every `interval_s`, until cancelled."""
        due_t = self.clock()
        while True:
            self.emit(await asyncio.to_thread(tree.sample))
            due_t = max(due_t + interval_s, self.clock())
            await asyncio.sleep(due_t - self.clock())

    def _fail(self, reason: str) -> None:
        if not self._failure.done():
            self._failure.set_result(reason)


def _unnamed(pattern: str) -> str:
    """Take the names from groups, so that patterns with the same names can be joined."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)
