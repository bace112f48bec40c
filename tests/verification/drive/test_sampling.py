"""The sampler in a process of its own, and whoever watches it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import psutil
import pytest
from live import until
from voicegate.drive.sampling import Sampler, SamplerError, running_sampler
from voicegate.record.events import CpuSample, Event, MemorySample
from voicegate.record.sampler import SamplingOrder
from voicegate.settings import RoleRule

SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def agent() -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program in the agent's place."""
    process = subprocess.Popen([sys.executable, "-c", SLEEP])
    yield process
    process.kill()
    process.wait()


def order_for(pid: int | None, **changes: object) -> SamplingOrder:
    """Make an order to sample this process every tenth of a second."""
    values = {
        "began": time.monotonic() - 100,
        "interval_s": 0.1,
        "holder_pid": pid,
        "main_pid": pid,
        "roles": (RoleRule(role="job", command="x"),),
        "server_port": 7880,
        "server_pid": None,
        "gate_pid": os.getpid(),
    }
    return SamplingOrder.model_validate(values | changes)


@asynccontextmanager
async def sampling(
    order: SamplingOrder, emit: Callable[[Event], None], silent_s: float = 30.0
) -> AsyncIterator[Sampler]:
    """Have a sampler that follows this order."""
    async with running_sampler(emit, silent_s) as sampler:
        await sampler.begin(order)
        yield sampler


def samplers() -> list[psutil.Process]:
    """Find the samplers below this process."""
    below = psutil.Process().children(recursive=True)
    return [one for one in below if one.cmdline()[1:4] == ["-P", "-m", "voicegate.record.sampler"]]


async def test_samples_come_from_a_process_of_their_own(agent: "subprocess.Popen[bytes]") -> None:
    """On the recording's clock, memory and processors each time; the sampler is gone afterwards."""
    events: list[Event] = []
    order = order_for(agent.pid)
    async with sampling(order, events.append) as sampler:
        watching = asyncio.create_task(sampler.died())
        await until(lambda: len(events) >= 8, 20, "eight events")
        (process,) = samplers()
        watching.cancel()
    assert not process.is_running()
    samples = [event for event in events if isinstance(event, MemorySample)]
    assert {one.pid for sample in samples for one in sample.processes} == {agent.pid}
    assert all(one.role == "main" and one.pss_bytes > 0 for sample in samples for one in sample.processes)
    assert 100 < samples[0].t < samples[-1].t < time.monotonic() - order.began
    assert sum(isinstance(event, CpuSample) for event in events) >= 3


async def test_a_blocked_event_loop_does_not_make_samples_late(agent: "subprocess.Popen[bytes]") -> None:
    """What the gate does meanwhile says nothing about the machine."""
    events: list[Event] = []
    order = order_for(agent.pid)
    async with sampling(order, events.append) as sampler:
        watching = asyncio.create_task(sampler.died())
        blocked_until = time.monotonic() + 1.0
        while time.monotonic() < blocked_until:
            pass
        count = len(events)
        await until(lambda: len(events) >= count + 10, 20, "what was sampled meanwhile")
        watching.cancel()
    until_t = blocked_until - order.began
    times = [event.t for event in events if isinstance(event, MemorySample)]
    assert sum(until_t - 1.0 < t < until_t for t in times) >= 4


async def test_a_sampler_that_dies_is_told_of(agent: "subprocess.Popen[bytes]") -> None:
    """The message says what was lost and what to do."""
    async with sampling(order_for(agent.pid), lambda _: None) as sampler:
        (process,) = samplers()
        process.send_signal(signal.SIGKILL)
        said = await asyncio.wait_for(sampler.died(), 20)
    assert said.startswith(
        "The gate's own sampler, which measures memory, ended with exit code -9: nothing is measured"
    )


async def test_a_silent_sampler_is_told_of(agent: "subprocess.Popen[bytes]") -> None:
    """One that hangs measures as little as one that is gone."""
    async with sampling(order_for(agent.pid), lambda _: None, silent_s=0.5) as sampler:
        (process,) = samplers()
        process.send_signal(signal.SIGSTOP)
        said = await asyncio.wait_for(sampler.died(), 20)
        process.send_signal(signal.SIGCONT)
    assert "is silent" in said
    assert "it measured nothing for 1 s" in said


async def test_a_sampler_that_does_not_come_up_is_an_error() -> None:
    """With the last lines of what it complained about."""
    with pytest.raises(SamplerError, match=r"(?s)ended with exit code 1.*NoSuchProcess"):
        async with sampling(order_for(None, gate_pid=2**22 - 1), lambda _: None):
            pass


async def test_without_processes_there_are_samples_all_the_same() -> None:
    """An agent whose processes are not known: the pace of the samples still tells of the machine."""
    events: list[Event] = []
    async with sampling(order_for(None), events.append) as sampler:
        watching = asyncio.create_task(sampler.died())
        await until(lambda: len(events) >= 4, 20, "four events")
        watching.cancel()
    assert all(event.processes == () for event in events if isinstance(event, MemorySample))


def test_the_sampler_ends_with_a_gate_that_is_killed(agent: "subprocess.Popen[bytes]") -> None:
    """Whatever ends the gate, nothing of it stays."""
    program = (
        "import asyncio, sys\n"
        "from voicegate.drive.sampling import running_sampler\n"
        "from voicegate.record.sampler import SamplingOrder\n"
        "async def main():\n"
        "    async with running_sampler(lambda _: None) as sampler:\n"
        "        await sampler.begin(SamplingOrder.model_validate_json(sys.argv[1]))\n"
        "        print('up', flush=True)\n"
        "        await sampler.died()\n"
        "asyncio.run(main())\n"
    )
    order = order_for(agent.pid)
    gate = subprocess.Popen([sys.executable, "-c", program, order.model_dump_json()], stdout=subprocess.PIPE)
    try:
        assert gate.stdout is not None
        assert gate.stdout.readline() == b"up\n"
        below = psutil.Process(gate.pid).children(recursive=True)
        assert len(below) == 2  # the leash and the sampler
    finally:
        gate.kill()
        gate.wait()
    gone, alive = psutil.wait_procs(below, timeout=20)
    assert not alive, gone
