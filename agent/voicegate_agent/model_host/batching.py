"""One worker that runs whatever queued up while it was busy as the next batch."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from voicegate_agent.model_host.protocol import HostOverloadedError

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Result]):
    """A job's result, how long it waited for its batch, how long that ran, and how many shared it."""

    result: Result
    waited_s: float
    compute_s: float
    batch_size: int

    def after(self, earlier: "Answer[Result]") -> "Answer[Result]":
        """Count the time of an earlier answer for the same caller too."""
        return replace(
            self, waited_s=earlier.waited_s + self.waited_s, compute_s=earlier.compute_s + self.compute_s
        )


def similar_sizes(sizes: Sequence[int], *, most: int, most_total: int) -> list[int]:
    """Choose which waiting jobs share a batch: the oldest, and those within twice its size either way.

    Every job of a batch is padded to the longest. For a narrow model a batch costs a third per job of what one
    alone does, so padding pays up to about double; a wide one is held to small batches by `most_total`. `sizes` are in order of arrival; the result holds at most `most`
    indices, starts with the oldest, and keeps jobs × longest within `most_total` (the oldest always goes).
    """
    oldest = sizes[0]
    chosen, longest = [0], oldest
    for index, size in enumerate(sizes[1:], 1):
        if len(chosen) == most:
            break
        candidate = max(longest, size)
        if oldest / 2 <= size <= oldest * 2 and (len(chosen) + 1) * candidate <= most_total:
            chosen.append(index)
            longest = candidate
    return chosen


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Job, Result]):
    job: Job
    answer: asyncio.Future[Answer[Result]]
    since_s: float


class BatchQueue(Generic[Job, Result]):
    """Jobs of many callers for one worker thread; an idle worker starts at once, a busy one batches.

    Used from one event loop. `run` gets a batch in the worker thread and returns a result per job; when it
    fails for several jobs, each runs alone, so that a bad one costs only itself. `choose` picks the next
    batch's indices from the waiting jobs, which come in order of arrival.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Job]], Sequence[Result]],
        choose: Callable[[Sequence[Job]], Sequence[int]],
        *,
        max_waiting: int,
    ) -> None:
        self._run = run
        self._choose = choose
        self._max_waiting = max_waiting
        self._waiting: list[_Waiting[Job, Result]] = []
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._drainer: asyncio.Task[None] | None = None
        self._running = False

    @property
    def waiting(self) -> int:
        """How many jobs wait for a batch."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether no job waits or is being run: one that came now would start at once."""
        return not self._waiting and not self._running

    async def submit(self, job: Job) -> Answer[Result]:
        """Run a job with the others of its time; cancelling the caller takes it out of the queue.

        Raises HostOverloadedError when too many wait, else what `run` raises.
        """
        if len(self._waiting) >= self._max_waiting:
            message = f"{len(self._waiting)} requests are waiting already; ask again later"
            raise HostOverloadedError(message)
        entry = _Waiting[Job, Result](job, asyncio.get_running_loop().create_future(), time.monotonic())
        self._waiting.append(entry)
        if self._drainer is None or self._drainer.done():
            self._drainer = asyncio.create_task(self._drain())
        return await entry.answer

    def close(self) -> None:
        """Start no further batch; the one that runs ends by itself."""
        if self._drainer is not None:
            self._drainer.cancel()
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _drain(self) -> None:
        while batch := self._take():
            self._running = True
            try:
                await self._answer(batch)
            except Exception as error:  # noqa: BLE001 - handed to the callers
                if len(batch) == 1:
                    _refuse(batch[0], error)
                else:
                    await self._answer_one_by_one(batch)
            self._running = False

    def _take(self) -> list[_Waiting[Job, Result]]:
        self._waiting = [entry for entry in self._waiting if not entry.answer.done()]
        if not self._waiting:
            return []
        chosen = set(self._choose([entry.job for entry in self._waiting]))
        batch = [entry for index, entry in enumerate(self._waiting) if index in chosen]
        self._waiting = [entry for index, entry in enumerate(self._waiting) if index not in chosen]
        return batch

    async def _answer(self, batch: Sequence[_Waiting[Job, Result]]) -> None:
        started_s = time.monotonic()
        loop = asyncio.get_running_loop()
        results = await loop.run_in_executor(self._worker, self._run, [entry.job for entry in batch])
        compute_s = time.monotonic() - started_s
        for entry, result in zip(batch, results, strict=True):
            if not entry.answer.done():
                entry.answer.set_result(Answer(result, started_s - entry.since_s, compute_s, len(batch)))

    async def _answer_one_by_one(self, batch: Sequence[_Waiting[Job, Result]]) -> None:
        for entry in batch:
            try:
                await self._answer([entry])
            except Exception as error:  # noqa: BLE001 - handed to the caller whose job it is
                _refuse(entry, error)


def _refuse(entry: _Waiting[Job, Result], error: Exception) -> None:
    if not entry.answer.done():
        entry.answer.set_exception(error)
