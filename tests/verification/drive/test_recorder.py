"""Counting memory reports and noticing a disk that is full, while a scenario runs."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from voicegate.drive.recorder import Recorder
from voicegate.log_contract import LogContract
from voicegate.record.events import CallEvent, Event, LogLine, MemorySample, ProcessMemory
from voicegate.record.recording import RecordingError, RecordingWriter

HEALTHY = LogLine(1.0, "Memory usage: 835.2MB (healthy)")
WARNING = LogLine(2.0, "Memory usage: 2100.5MB (warning threshold)")
HIGH = LogLine(3.0, "High memory usage detected: 3100.2MB - forcing garbage collection")


def recorder(folder: Path, contract: LogContract | None = None) -> Recorder:
    """Make a recorder that writes below `folder`."""
    return Recorder(RecordingWriter(folder / "r.jsonl"), lambda: 1.0, contract or LogContract())


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def test_reports_of_every_class_are_counted(tmp_path: Path) -> None:
    """Other lines are not."""
    counting = recorder(tmp_path)
    for line in (HEALTHY, LogLine(1.5, "Memory is fine"), WARNING, HIGH):
        counting.emit(line)

    assert counting.reports == 3


async def test_the_wait_ends_with_the_last_report(tmp_path: Path) -> None:
    """Reports from before the wait count."""
    counting = recorder(tmp_path)
    counting.emit(HEALTHY)
    waiting = asyncio.create_task(counting.wait_for_reports(2, 30))
    await asyncio.sleep(0)
    assert not waiting.done()
    counting.emit(HEALTHY)

    await asyncio.wait_for(waiting, 5)


async def test_the_wait_for_a_silent_monitor_is_bounded(tmp_path: Path) -> None:
    """A monitor that says nothing does not hold the run up for ever."""
    counting = recorder(tmp_path)

    await asyncio.wait_for(counting.wait_for_reports(1, 0.05), 5)

    assert counting.reports == 0


async def test_another_agents_reports_are_counted_anew(tmp_path: Path) -> None:
    """What the one before reported is not waited for again."""
    counting = recorder(tmp_path)
    counting.emit(HEALTHY)
    counting.begin_agent()
    assert counting.reports == 0
    counting.emit(HIGH)

    assert counting.reports == 1


async def test_a_failed_call_is_recorded_with_its_reason(tmp_path: Path) -> None:
    """Everybody who listens gets it; one that cannot be found costs no more than itself."""
    counting = recorder(tmp_path)
    heard: list[Event] = []
    counting.listeners.append(heard.append)
    failed = CallEvent(1.0, "call-01", "failed", "room", "first-call", "no agent joined", "agent")
    counting.begin_agent(lambda event: replace(event, advice="start it"))
    counting.emit(failed)
    counting.begin_agent(lambda event: replace(event, nonsense=1))  # type: ignore[call-arg]
    counting.emit(failed)
    assert heard == [replace(failed, advice="start it"), failed]


async def test_a_second_copy_of_a_report_is_not_counted(tmp_path: Path) -> None:
    """A quiet phase would end too early."""
    counting = recorder(tmp_path)
    line = replace(HEALTHY, written="10:06:44,953")
    counting.emit(line)
    counting.emit(replace(line, t=1.01))
    assert counting.reports == 1


async def test_an_agent_without_a_monitor_is_known(tmp_path: Path) -> None:
    """No pattern means that no report is expected, and no line is taken for one."""
    counting = recorder(tmp_path, LogContract(memory_healthy="", memory_warning="", memory_high=""))
    counting.emit(HEALTHY)

    assert not counting.expects_reports
    assert counting.reports == 0


async def test_a_full_disk_is_noticed_without_disturbing_whoever_emits(tmp_path: Path) -> None:
    """Emitting does not raise; the failure can be waited for, and is raised at the end."""
    writing = recorder(tmp_path)
    with full_disk():
        writing.emit(HEALTHY)

    assert "free some space" in await asyncio.wait_for(writing.failed(), 5)
    with pytest.raises(RecordingError, match="free some space"):
        writing.check()


async def test_half_an_emoji_is_recorded_and_fails_nothing(tmp_path: Path) -> None:
    """Node's loggers write them."""
    writing = recorder(tmp_path)
    writing.emit(LogLine(1.0, "half of it: \ud83d"))
    writing.emit(HEALTHY)

    writing.check()
    assert writing.reports == 1
    assert (tmp_path / "r.jsonl").read_text().count("\n") == 2


async def test_a_thread_may_emit(tmp_path: Path) -> None:
    """Turns are measured, and recorded, outside the event loop."""
    writing = recorder(tmp_path)
    await asyncio.to_thread(writing.emit, HEALTHY)

    writing.check()
    assert (tmp_path / "r.jsonl").read_text().count("\n") == 1


async def test_reports_from_another_thread_are_counted_in_the_loop(tmp_path: Path) -> None:
    """And whoever waits for them in the loop wakes up."""
    counting = recorder(tmp_path)
    waiting = asyncio.create_task(counting.wait_for_reports(1, 30))
    await asyncio.to_thread(counting.emit, HEALTHY)
    await asyncio.wait_for(waiting, 5)
    assert counting.reports == 1


def test_emitting_when_the_loop_is_closed_raises_nothing(tmp_path: Path) -> None:
    """A thread may be at work a little longer than the run."""

    async def make() -> Recorder:
        return recorder(tmp_path)

    late = asyncio.run(make())
    late.emit(HEALTHY)
    late.emit(CallEvent(1.0, "call-01", "dialed", "room", "phase"))

    assert (tmp_path / "r.jsonl").read_text().count("\n") == 2


def _sample(t: float, *pids: int, complete: bool = True) -> MemorySample:
    processes = (ProcessMemory(pid, 1, "job", "python", 1, 1, 1, 1, 1) for pid in pids)
    return MemorySample(t, 0.01, tuple(processes), complete)


async def test_the_last_change_of_processes_is_known(tmp_path: Path) -> None:
    """Another process in the place of one is a change too; one that could not be read is none."""
    watching = recorder(tmp_path)
    seen = []
    for sample in (
        _sample(1, 10, 11),
        _sample(2, 10, 11),
        _sample(3, 10, 12),
        _sample(4, 10, complete=False),
        _sample(5, 10, 12),
        _sample(6, 10),
    ):
        watching.emit(sample)
        seen.append(watching.steady_since_t)

    assert seen == [1, 1, 3, 3, 3, 6]


async def test_calls_are_counted_from_dialing_to_hanging_up(tmp_path: Path) -> None:
    """What an agent does after its caller has gone begins no call."""
    counting = recorder(tmp_path)
    for call, step in (
        ("a", "dialed"),
        ("b", "dialed"),
        ("b", "joined"),
        ("b", "hung_up"),
        ("b", "agent_left"),
    ):
        counting.emit(CallEvent(1.0, call, step, "room", "phase"))  # type: ignore[arg-type]
    assert counting.calls() == 1
