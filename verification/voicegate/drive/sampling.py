"""Watching the sampler: its samples are recorded as they come, and it never outlives the gate."""

import asyncio
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from voicegate.drive import processes
from voicegate.drive.errors import DriveError
from voicegate.record.events import Event
from voicegate.record.recording import event_of
from voicegate.record.sampler import SamplingOrder, sampler_command

_FIRST_S = 30.0
_SILENT_S = 30.0
_LAST_LINES = 5
_LONGEST = 300


class SamplerError(DriveError):
    """The gate's own sampler is gone or silent: memory and stalls of the machine are not known from there on."""


class Sampler:
    """The running sampler; what it writes goes to `emit`. Lines that are no events are its complaint.

    Its order goes to the descriptor `orders`.
    """

    def __init__(
        self,
        process: processes.LeashedProcess,
        orders: int,
        emit: Callable[[Event], None],
        silent_s: float,
    ) -> None:
        self._process = process
        self._orders = orders
        self._emit = emit
        self._silent_s = silent_s
        self._complaint: deque[str] = deque(maxlen=_LAST_LINES)

    async def begin(self, order: SamplingOrder) -> None:
        """Have it sample so from now on, and wait for the first sample. Raises SamplerError."""
        os.write(self._orders, order.model_dump_json().encode() + b"\n")
        self._silent_s += order.interval_s
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
async def running_sampler(
    emit: Callable[[Event], None], silent_s: float = _SILENT_S
) -> AsyncIterator[Sampler]:
    """Yield a sampler that waits for its order; stop it afterwards.

    It is started before the agent, so that it has its modules when the agent is ready, and samples at once.
    """
    with tempfile.TemporaryDirectory(prefix="voicegate-sampler-") as folder:
        pipe = Path(folder) / "order"
        os.mkfifo(pipe)
        orders = os.open(pipe, os.O_RDWR)  # which does not wait for a reader
        try:
            process = await processes.start(
                sampler_command(pipe), stdout=processes.PIPE, stderr=processes.STDOUT, grace_s=1.0
            )
            async with processes.running(process):
                yield Sampler(process, orders, emit, silent_s)
        finally:
            os.close(orders)
