"""A model is loaded once for all who wait, and nothing else waits for it."""

import asyncio
import threading

import pytest
from voicegate_agent.model_host.loading import RETRY_AFTER_S, Loading
from voicegate_agent.model_host.protocol import LoadState, ModelLoadError
from voicegate_agent.model_host.shared_instances import SharedInstance

Loaded = tuple[SharedInstance[str], bool]


async def test_all_who_wait_share_one_load_without_a_thread_each() -> None:
    """One of them is told that it is fresh; a thread of the default pool is free for others meanwhile."""
    gate, loads = threading.Event(), []

    def load() -> Loaded:
        loads.append(1)
        assert gate.wait(10)
        return SharedInstance(7, "model"), True

    loading = Loading(load)
    tasks = [asyncio.create_task(loading.get()) for _ in range(100)]
    await asyncio.sleep(0)
    assert loading.state is LoadState.LOADING
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "decoded"), 10) == "decoded"
    gate.set()
    fresh = [(await task)[1] for task in tasks]
    assert (fresh.count(True), len(loads), loading.state) == (1, 1, LoadState.LOADED)
    assert (await loading.get())[1] is False


async def test_a_load_goes_on_when_who_asked_for_it_left() -> None:
    """The next one waits for the same load."""
    gate = threading.Event()

    def load() -> Loaded:
        assert gate.wait(10)
        return SharedInstance(7, "model"), True

    loading = Loading(load)
    first = asyncio.create_task(loading.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    gate.set()
    assert (await loading.get())[0].id == 7


async def test_a_failure_answers_for_a_while() -> None:
    """Requests do not load one after the other what cannot be loaded; they are told when to come back."""
    loads = []
    now_s = 100.0

    def fail() -> Loaded:
        loads.append(1)
        raise ModelLoadError("model.bin is missing") if len(loads) == 1 else OSError("no memory")

    loading = Loading(fail, clock=lambda: now_s)
    with pytest.raises(ModelLoadError, match="missing"):
        await loading.get()
    now_s += RETRY_AFTER_S - 1
    with pytest.raises(ModelLoadError, match="missing") as error:
        await loading.get()
    assert (len(loads), error.value.retry_after_s, loading.state) == (1, 1, LoadState.FAILED)
    now_s += 1
    with pytest.raises(ModelLoadError, match="OSError: no memory"):
        await loading.get()
    assert len(loads) == 2


async def test_a_load_that_hangs_is_told() -> None:
    """Who waits for it learns so, and who comes later at once; should it end after all, its model counts."""
    gate = threading.Event()
    now_s = 100.0

    def load() -> Loaded:
        assert gate.wait(10)
        return SharedInstance(7, "model"), True

    loading = Loading(load, longest_s=0.05, clock=lambda: now_s)
    with pytest.raises(ModelLoadError, match="restart the host"):
        await loading.get()
    states = [loading.state]
    now_s += 0.05
    states.append(loading.state)
    assert states == [LoadState.LOADING, LoadState.STUCK]
    with pytest.raises(ModelLoadError, match="restart the host"):
        await loading.get()
    gate.set()
    while loading.instance is None:
        await asyncio.sleep(0.001)
    assert (await loading.get())[0].id == 7
