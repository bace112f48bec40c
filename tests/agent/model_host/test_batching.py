"""An idle worker starts at once, a busy one batches, and no job costs another."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from voicegate_agent.model_host.batching import (
    LONGEST_WAIT_S,
    MAX_WAITING,
    BatchedResult,
    BatchQueue,
    Lane,
    similar_sizes,
)
from voicegate_agent.model_host.protocol import HostOverloadedError, ModelHostUnavailableError


class Worker:
    """Doubles numbers once its gate is open; negative ones are errors."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.started = threading.Event()
        self.batches: list[list[int]] = []

    def run(self, jobs: Sequence[int]) -> list[int]:
        """Run a batch."""
        self.batches.append(list(jobs))
        self.started.set()
        assert self.gate.wait(10)
        if min(jobs) < 0:
            raise ValueError(f"negative: {min(jobs)}")
        return [2 * job for job in jobs]


def everything(jobs: Sequence[int]) -> Sequence[int]:
    """Choose all that wait."""
    return range(len(jobs))


async def submit_busy(
    queue: BatchQueue[int, int], worker: Worker, first: int, rest: Sequence[int]
) -> list[asyncio.Task[BatchedResult[int]]]:
    """Submit a job, and while it runs the others."""
    tasks: list[asyncio.Task[BatchedResult[int]]] = [asyncio.create_task(queue.submit(first))]
    await asyncio.to_thread(worker.started.wait, 10)
    tasks += [asyncio.create_task(queue.submit(job)) for job in rest]
    while queue.waiting() < len(rest):
        await asyncio.sleep(0)
    return tasks


def test_times_of_several_answers_add_up() -> None:
    """Who asks again waits for both; result and batch are the last one's."""
    assert BatchedResult("b", 0.5, 2.0, 3).after(BatchedResult("a", 0.25, 1.0, 2)) == BatchedResult(
        "b", 0.75, 3.0, 3
    )


async def test_an_idle_worker_takes_a_job_alone() -> None:
    """Nobody waits for company."""
    worker = Worker()
    worker.gate.set()
    answer = await BatchQueue(worker.run, everything).submit(21)
    assert (answer.result, answer.batch_size) == (42, 1)


async def test_jobs_that_wait_share_the_next_batch() -> None:
    """What queued while the first ran is the second batch, and every caller gets its own result."""
    worker = Worker()
    queue = BatchQueue(worker.run, everything)
    tasks = await submit_busy(queue, worker, 1, [2, 3, 4])
    worker.gate.set()
    answers = await asyncio.gather(*tasks)
    assert [answer.result for answer in answers] == [2, 4, 6, 8]
    assert worker.batches == [[1], [2, 3, 4]]


async def test_a_bad_job_costs_only_itself() -> None:
    """A batch that fails is run again job by job."""
    worker = Worker()
    queue = BatchQueue(worker.run, everything)
    tasks = await submit_busy(queue, worker, 1, [2, -3, 4])
    worker.gate.set()
    await asyncio.wait(tasks)
    first, second, bad, last = tasks
    assert [task.result().result for task in (first, second, last)] == [2, 4, 8]
    assert str(bad.exception()) == "negative: -3"


async def test_the_queue_goes_on_after_an_error() -> None:
    """A job that failed alone does not stop the worker."""
    worker = Worker()
    worker.gate.set()
    queue = BatchQueue(worker.run, everything)
    with pytest.raises(ValueError, match="negative"):
        await queue.submit(-1)
    assert (await queue.submit(4)).result == 8


async def test_a_caller_that_leaves_is_not_computed() -> None:
    """A canceled job is taken out of the queue."""
    worker = Worker()
    queue = BatchQueue(worker.run, everything)
    tasks = await submit_busy(queue, worker, 1, [2, 3])
    tasks[1].cancel()
    worker.gate.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert worker.batches == [[1], [3]]


async def test_too_many_are_refused() -> None:
    """The queue has an end, also before anybody knows how long a job takes; who has left does not count."""
    worker = Worker()
    queue = BatchQueue(worker.run, everything)
    tasks = await submit_busy(queue, worker, 1, range(2, 2 + MAX_WAITING))
    with pytest.raises(HostOverloadedError, match=f"{MAX_WAITING} requests wait"):
        queue.admit(Lane.UPLOAD)
    tasks[1].cancel()
    await asyncio.wait({tasks[1]})
    queue.admit(Lane.UPLOAD)
    worker.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)


class Clock:
    """Shows the time that it is set to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s


async def test_who_would_wait_too_long_is_refused() -> None:
    """By what earlier jobs took, counting those ahead and what is left of the present one; it says when to come back."""
    worker, clock = Worker(), Clock()
    queue = BatchQueue(worker.run, lambda jobs: [0], clock=clock)
    first = asyncio.create_task(queue.submit(1))
    await asyncio.to_thread(worker.started.wait, 10)
    clock.now_s += 12  # a job takes 12 s
    worker.gate.set()
    await first
    worker.gate.clear()
    worker.started.clear()
    tasks = await submit_busy(queue, worker, 1, [2])
    assert queue.expected_wait_s(Lane.TURN) == 24
    with pytest.raises(HostOverloadedError, match="would start in 24 s") as error:
        queue.admit(Lane.TURN)
    assert error.value.retry_after_s == 24 - LONGEST_WAIT_S[Lane.TURN]
    queue.admit(Lane.UPLOAD)
    clock.now_s += 6
    queue.admit(Lane.TURN)
    worker.gate.set()
    await asyncio.gather(*tasks)


async def test_turns_go_before_second_hearings_and_those_before_uploads() -> None:
    """Within a lane it is who came first, and a batch is of one lane."""
    worker = Worker()
    queue = BatchQueue(worker.run, everything)
    tasks = await submit_busy(queue, worker, 1, [])
    for job, lane in ((2, Lane.UPLOAD), (3, Lane.AGAIN), (4, Lane.TURN), (5, Lane.UPLOAD), (6, Lane.TURN)):
        tasks.append(asyncio.create_task(queue.submit(job, lane)))
    while queue.waiting() < 5:
        await asyncio.sleep(0)
    assert [queue.waiting(lane) for lane in Lane] == [0, 2, 1, 2]
    worker.gate.set()
    await asyncio.gather(*tasks)
    assert worker.batches == [[1], [4, 6], [3], [2, 5]]


async def test_an_upload_waits_for_a_bounded_time() -> None:
    """Turns may come before it again and again: after a minute its client is told when to come back."""
    worker, clock = Worker(), Clock()
    queue = BatchQueue(worker.run, lambda jobs: [0], clock=clock)
    turns = await submit_busy(queue, worker, 1, [2])
    upload = asyncio.create_task(queue.submit(9, Lane.UPLOAD))
    while queue.waiting() < 2:
        await asyncio.sleep(0)
    clock.now_s += LONGEST_WAIT_S[Lane.UPLOAD] + 1
    worker.gate.set()
    with pytest.raises(HostOverloadedError, match="turns of calls went before") as error:
        await upload
    assert error.value.retry_after_s == LONGEST_WAIT_S[Lane.UPLOAD]
    assert [(await turn).result for turn in turns] == [2, 4]
    assert worker.batches == [[1], [2]]


async def test_closing_tells_those_who_wait() -> None:
    """Nobody hangs on a queue that does nothing more."""
    worker = Worker()
    queue = BatchQueue(worker.run, everything)
    tasks = await submit_busy(queue, worker, 1, [2])
    queue.close()
    worker.gate.set()
    for task in tasks:
        with pytest.raises(ModelHostUnavailableError, match="stopping"):
            await task


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([240], [0]),
        ([240, 240, 240], [0, 1, 2]),
        ([240, 481, 480], [0, 2]),
        ([480, 239, 240], [0, 2]),
        ([240] * 6, [0, 1, 2, 3]),
        ([500, 500, 500], [0, 1]),
        ([5_000, 2_500], [0]),
    ],
)
def test_a_batch_holds_the_oldest_and_what_is_like_it(sizes: list[int], expected: list[int]) -> None:
    """Up to twice the size either way, at most four here, at most 1,400 in all after padding."""
    assert similar_sizes(sizes, max_items=4, max_total_frames=1_400) == expected
