"""Watching the sampler: its samples are recorded as they come, and it never outlives the gate."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from voicegate.drive import processes
from voicegate.drive.errors import DriveError
from voicegate.record.events import Event
from voicegate.record.recording import event_of
from voicegate.record.sampler import SamplingOrder

_FIRST_S = 30.0
_SILENT_S = 30.0
_LAST_LINES = 5
_LONGEST = 300


class SamplerError(DriveError):
    """The gate's own sampler is gone or silent: memory and stalls of the machine are not known from there on."""


class Sampler:
    """The running sampler; what it writes goes to `emit`. Lines that are no events are its complaint."""

    def __init__(
        self, process: processes.LeashedProcess, emit: Callable[[Event], None], silent_s: float
    ) -> None:
        self._process = process
        self._emit = emit
        self._silent_s = silent_s
        self._complaint: deque[str] = deque(maxlen=_LAST_LINES)

    async def first(self) -> None:
        """Wait for the first sample. Raises SamplerError."""
        if not await self._take(_FIRST_S):
            raise SamplerError(self._why())

    async def died(self) -> str:
        """Record what it samples, until it ends or falls silent, which it should not; return what to say about it."""
        while await self._take(self._silent_s):
            pass
        return self._why()

    async def _take(self, timeout_s: float) -> bool:
        """Take lines until one was a sample; whether there was one in time."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                while line := await self._process.stdout.readline():
                    try:
                        event = event_of(line)
                    except ValueError:
                        self._complaint.append(line[:_LONGEST].decode(errors="replace").rstrip())
                        continue
                    self._emit(event)
                    return True
        except TimeoutError:
            self._complaint.append(f"it measured nothing for {timeout_s:.0f} s")
        return False

    def _why(self) -> str:
        code = self._process.exit_code
        ended = "is silent" if code is None else f"ended with exit code {code}"
        said = "".join(f"\n  {line}" for line in self._complaint)
        return (
            f"The gate's own sampler, which measures memory, {ended}: nothing is measured from there on. "
            f"Run again; report it as a bug of the gate if it comes again.{said}"
        )


@asynccontextmanager
async def sampling(
    order: SamplingOrder, emit: Callable[[Event], None], silent_s: float = _SILENT_S
) -> AsyncIterator[Sampler]:
    """Yield the sampler once it has measured for the first time; stop it afterwards. Raises SamplerError."""
    process = await processes.start(
        order.command(), stdout=processes.PIPE, stderr=processes.STDOUT, grace_s=1.0
    )
    async with processes.running(process):
        sampler = Sampler(process, emit, silent_s + order.interval_s)
        await sampler.first()
        yield sampler
