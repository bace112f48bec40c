"""The memory monitor's lines, its clock, and what it does about too much memory."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from voicegate_agent.memory_monitor import MemoryLevel, MemoryLimits, MemoryMonitor, classify

LIMITS = MemoryLimits(warn_bytes=2_000_000_000, high_bytes=3_000_000_000)


class FakeTime:
    """A clock that only sleeping moves; it stops the sleeper after some naps."""

    def __init__(self, naps: int = 1000) -> None:
        self.now_s = 100.0
        self.naps = naps

    def clock(self) -> float:
        """Tell the time."""
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        if self.naps == 0:
            raise asyncio.CancelledError
        self.naps -= 1
        self.now_s += seconds


def monitor(
    time: FakeTime, read_bytes: Callable[[], int], release: Callable[[], object] = lambda: None
) -> MemoryMonitor:
    """Make a monitor that reports every 60 s of fake time."""
    return MemoryMonitor(read_bytes, release, LIMITS, 60.0, time.clock, time.sleep)


@pytest.mark.parametrize(
    ("memory_bytes", "level", "line"),
    [
        (1_999_999_999, MemoryLevel.HEALTHY, "Memory usage: 2000.0MB (healthy)"),
        (2_000_000_000, MemoryLevel.WARNING, "Memory usage: 2000.0MB (warning threshold)"),
        (3_000_000_000, MemoryLevel.WARNING, "Memory usage: 3000.0MB (warning threshold)"),
        (
            3_000_000_001,
            MemoryLevel.HIGH,
            "High memory usage detected: 3000.0MB - forcing garbage collection",
        ),
    ],
)
def test_classify_at_the_limits(memory_bytes: int, level: MemoryLevel, line: str) -> None:
    """Each limit belongs to the warning between them."""
    report = classify(memory_bytes, LIMITS)
    assert (report.level, report.line) == (level, line)


async def test_reports_at_fixed_times_however_slow_reading_is() -> None:
    """A reading that takes 7 s does not push the next report back."""
    time = FakeTime(naps=4)
    read_at_s: list[float] = []

    def slow_read() -> int:
        read_at_s.append(time.now_s)
        time.now_s += 7
        return 1

    with pytest.raises(asyncio.CancelledError):
        await monitor(time, slow_read).run()
    assert read_at_s == [160, 220, 280, 340]


async def test_missed_reports_are_left_out() -> None:
    """After a pause of minutes there is one report at once, then the old rhythm."""
    time = FakeTime(naps=4)
    read_at_s: list[float] = []

    def read() -> int:
        read_at_s.append(time.now_s)
        if len(read_at_s) == 1:
            time.now_s += 185
        return 1

    with pytest.raises(asyncio.CancelledError):
        await monitor(time, read).run()
    assert read_at_s == [160, 345, 400, 460]


async def test_failed_reading_costs_one_report(caplog: pytest.LogCaptureFixture) -> None:
    """A process tree that cannot be read now may be read next time."""
    time = FakeTime(naps=2)
    failures = [OSError("gone")]

    def read() -> int:
        if failures:
            raise failures.pop()
        return 5

    with caplog.at_level(logging.INFO), pytest.raises(asyncio.CancelledError):
        await monitor(time, read).run()
    assert [record.message for record in caplog.records] == [
        "memory could not be read",
        "Memory usage: 0.0MB (healthy)",
    ]


async def test_high_memory_is_released_and_the_gain_reported(caplog: pytest.LogCaptureFixture) -> None:
    """Above the limit: the line, the release, then how much it brought."""
    readings = iter([3_200_000_000, 2_500_000_000])
    released: list[bool] = []
    watching = monitor(FakeTime(), lambda: next(readings), lambda: released.append(True))
    with caplog.at_level(logging.INFO):
        assert await watching.report() is MemoryLevel.HIGH
    assert released == [True]
    assert [record.message for record in caplog.records] == [
        "High memory usage detected: 3200.0MB - forcing garbage collection",
        "Garbage collection freed 700.0MB, 2500.0MB in use",
    ]


@pytest.mark.parametrize("memory_bytes", [1_000_000_000, 2_500_000_000])
async def test_nothing_is_released_below_the_high_limit(memory_bytes: int) -> None:
    """Healthy memory and the warning are only talked about."""
    released: list[bool] = []
    await monitor(FakeTime(), lambda: memory_bytes, lambda: released.append(True)).report()
    assert released == []
