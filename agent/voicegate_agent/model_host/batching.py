"""One worker that runs whatever queued up while it was busy as the next batch, lane by lane."""

import asyncio
import collections
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Generic, TypeVar

from voicegate_agent.model_host.protocol import HostOverloadedError, ModelHostUnavailableError

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_WAITING = 64
"""A bound on memory, also before anybody knows how long an item takes."""

_LATELY = (
    8  # batches whose median says how long an item takes: one that was held up tells nothing about the next
)


class Lane(IntEnum):
    """Who goes first: a probe, what a caller waits for, what is heard again, and at last uploads."""

    PROBE = 0
    TURN = 1
    AGAIN = 2
    UPLOAD = 3


LONGEST_WAIT_S: Mapping[Lane, float] = {Lane.TURN: 20.0, Lane.AGAIN: 10.0, Lane.UPLOAD: 60.0}
"""Who would wait longer is refused at once. A turn has 30 s in all (`client.Timeouts`); what was heard once can be used.

Turns may go on coming before a part of an upload that was taken: one that has waited for so long is refused, too.
"""


@dataclass(frozen=True, slots=True)
class BatchedResult(Generic[Result]):
    """An item's result, how long it waited for its batch, how long that ran, and how many shared it."""

    result: Result
    waited_s: float
    compute_s: float
    batch_size: int

    def after(self, earlier: "BatchedResult[Result]") -> "BatchedResult[Result]":
        """Count the time of an earlier answer for the same caller too."""
        return replace(
            self, waited_s=earlier.waited_s + self.waited_s, compute_s=earlier.compute_s + self.compute_s
        )


def similar_sizes(sizes: Sequence[int], *, max_items: int, max_total_frames: int) -> list[int]:
    """Choose which waiting items share a batch: the oldest, and those within twice its size either way.

    Every item of a batch is padded to the longest. With a narrow model an item in a batch costs a third of a single one,
    so padding to twice the length still pays. For wide models `max_total_frames` keeps batches small. `sizes` are in order of arrival; the result holds at most `max_items`
    indices, starts with the oldest, and keeps items × longest within `max_total_frames` (the oldest always goes).
    """
    oldest = sizes[0]
    chosen, longest = [0], oldest
    for index, size in enumerate(sizes[1:], 1):
        if len(chosen) == max_items:
            break
        candidate = max(longest, size)
        if oldest / 2 <= size <= oldest * 2 and (len(chosen) + 1) * candidate <= max_total_frames:
            chosen.append(index)
            longest = candidate
    return chosen


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    lane: Lane
    answer: asyncio.Future[BatchedResult[Result]]
    since_s: float


class BatchQueue(Generic[Item, Result]):
    """Jobs of many callers for one worker thread; an idle worker starts at once, a busy one batches.

    Used from one event loop. `run` gets a batch in the worker thread and returns a result per item; when it
    fails for several items, each runs alone, so that a bad one costs only itself. A batch is of one lane, the first
    in which somebody waits; `choose` picks its indices from those, which come in order of arrival. `size` says how
    much work an item is, in any unit.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result]],
        choose: Callable[[Sequence[Item]], Sequence[int]],
        *,
        size: Callable[[Item], float] = lambda _: 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._choose = choose
        self._size = size
        self._clock = clock
        self._entries: list[_Waiting[Item, Result]] = []
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._drainer: asyncio.Task[None] | None = None
        self._running: Sequence[_Waiting[Item, Result]] = ()
        self._started_s = 0.0
        self._worked_s = clock()
        self._lately: collections.deque[float] = collections.deque(maxlen=_LATELY)
        self._s_per_size = 0.0

    def waiting(self, lane: Lane | None = None) -> int:
        """Count the items that wait for a batch, in one lane or in all; who has left does not count."""
        return sum(1 for entry in self._present() if lane in (None, entry.lane))

    @property
    def idle(self) -> bool:
        """Whether no item waits or is being run: one that came now would start at once."""
        return not self._present() and not self._running

    @property
    def since_worked_s(self) -> float:
        """How long ago the worker ended a batch, or was made."""
        return self._clock() - self._worked_s

    @property
    def busy_s(self) -> float:
        """How long the present batch has been running; 0 without one."""
        return self._clock() - self._started_s if self._running else 0.0

    def expected_wait_s(self, lane: Lane, promised: float = 0.0) -> float:
        """Estimate when an item of this lane would start, from how long earlier ones took for their size.

        `promised` is the size of items that were not submitted yet, and go before it.
        """
        ahead = promised + sum(self._size(entry.item) for entry in self._present() if entry.lane <= lane)
        running_s = self._s_per_size * sum(self._size(entry.item) for entry in self._running)
        return ahead * self._s_per_size + max(0.0, running_s - self.busy_s)

    def admit(self, lane: Lane, promised: float = 0.0) -> None:
        """Raise HostOverloadedError when an item of this lane would wait too long, or too many wait."""
        wait_s = self.expected_wait_s(lane, promised)
        too_late_s = wait_s - LONGEST_WAIT_S[lane]
        if too_late_s > 0 or self.waiting() >= MAX_WAITING:
            message = (
                f"{self.waiting()} requests wait, and this one would start in {wait_s:.0f} s; ask again later"
            )
            raise HostOverloadedError(message, retry_after_s=max(1.0, too_late_s))

    async def submit(self, item: Item, lane: Lane = Lane.TURN) -> BatchedResult[Result]:
        """Run an item with the others of its time; cancelling the caller takes it out of the queue.

        Raises what `run` raises, HostOverloadedError for a part of an upload that has waited too long, and
        ModelHostUnavailableError when the queue is closed.
        """
        entry = _Waiting[Item, Result](item, lane, asyncio.get_running_loop().create_future(), self._clock())
        self._entries = [*self._present(), entry]
        if self._drainer is None or self._drainer.done():
            self._drainer = asyncio.create_task(self._drain())
        return await entry.answer

    def close(self) -> None:
        """Start no further batch, and tell those who wait; the one that runs ends by itself."""
        if self._drainer is not None:
            self._drainer.cancel()
        for entry in (*self._entries, *self._running):
            _refuse(entry, ModelHostUnavailableError("the model host is stopping"))
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _present(self) -> list[_Waiting[Item, Result]]:
        return [entry for entry in self._entries if not entry.answer.done()]

    async def _drain(self) -> None:
        while batch := self._take():
            try:
                await self._answer(batch)
            except Exception as error:  # noqa: BLE001 - handed to the callers
                if len(batch) == 1:
                    _refuse(batch[0], error)
                else:
                    await self._answer_one_by_one(batch)

    def _take(self) -> list[_Waiting[Item, Result]]:
        self._refuse_old_uploads()
        entries = self._present()
        if not entries:
            self._entries = entries
            return []
        first = min(entry.lane for entry in entries)
        lane = [entry for entry in entries if entry.lane is first]
        batch = [lane[index] for index in self._choose([entry.item for entry in lane])]
        self._entries = [entry for entry in entries if entry not in batch]
        return batch

    def _refuse_old_uploads(self) -> None:
        longest_s = LONGEST_WAIT_S[Lane.UPLOAD]
        for entry in self._present():
            if entry.lane is Lane.UPLOAD and self._clock() - entry.since_s > longest_s:
                message = (
                    f"turns of calls went before a part of this upload for {longest_s:.0f} s; ask again later"
                )
                _refuse(entry, HostOverloadedError(message, retry_after_s=longest_s))

    async def _answer(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        self._running, self._started_s = batch, self._clock()
        loop = asyncio.get_running_loop()
        try:
            results = await loop.run_in_executor(self._worker, self._run, [entry.item for entry in batch])
            compute_s = self.busy_s
        finally:
            self._running, self._worked_s = (), self._clock()
        self._learn(compute_s / sum(self._size(entry.item) for entry in batch))
        for entry, result in zip(batch, results, strict=True):
            if not entry.answer.done():
                waited_s = self._started_s - entry.since_s
                entry.answer.set_result(BatchedResult(result, waited_s, compute_s, len(batch)))

    def _learn(self, s_per_size: float) -> None:
        self._lately.append(s_per_size)
        self._s_per_size = statistics.median(self._lately)

    async def _answer_one_by_one(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        for entry in batch:
            try:
                await self._answer([entry])
            except Exception as error:  # noqa: BLE001 - handed to the caller whose item it is
                _refuse(entry, error)


def _refuse(entry: _Waiting[Item, Result], error: Exception) -> None:
    if not entry.answer.done():
        entry.answer.set_exception(error)
