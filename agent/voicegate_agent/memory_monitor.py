"""The memory monitor: every so often, one line about the memory of the whole agent, and relief when it is high."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

import psutil

from voicegate_agent import log_lines

_log = logging.getLogger(__name__)

_SETTLE_S = 2.0


class MemoryLevel(Enum):
    """How much memory is in use, against the two limits."""

    HEALTHY = "healthy"
    WARNING = "warning"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Up to `warn_bytes` (exclusive) memory is healthy; above `high_bytes` (exclusive) it is high."""

    warn_bytes: int
    high_bytes: int


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """What to say about a reading, and how bad it is."""

    level: MemoryLevel
    line: str


def classify(memory_bytes: int, limits: MemoryLimits) -> MemoryReport:
    """Judge a reading against the limits and phrase it as the log contract wants it."""
    if memory_bytes > limits.high_bytes:
        return MemoryReport(MemoryLevel.HIGH, log_lines.memory_high(memory_bytes))
    if memory_bytes >= limits.warn_bytes:
        return MemoryReport(MemoryLevel.WARNING, log_lines.memory_warning(memory_bytes))
    return MemoryReport(MemoryLevel.HEALTHY, log_lines.memory_healthy(memory_bytes))


class MemoryMonitor:
    """Reports on a fixed schedule from its start: a slow reading does not delay the reports after it."""

    def __init__(
        self,
        read_bytes: Callable[[], int],
        release: Callable[[], object],
        limits: MemoryLimits,
        interval_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Take what to read and what to do when it is high; both are called in a thread and may be slow."""
        self._read_bytes = read_bytes
        self._release = release
        self._limits = limits
        self._interval_s = interval_s
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Report until canceled; a reading that fails costs that report only."""
        start_s = self._clock()
        count = 0
        while True:
            count = max(count + 1, int((self._clock() - start_s) / self._interval_s))
            await self._sleep(max(0.0, start_s + count * self._interval_s - self._clock()))
            try:
                await self.report()
            except (psutil.Error, OSError):
                _log.exception("memory could not be read")

    async def report(self) -> MemoryLevel:
        """Read once, say so, and release memory when it is high; return the level that was read."""
        memory_bytes = await asyncio.to_thread(self._read_bytes)
        report = classify(memory_bytes, self._limits)
        if report.level is MemoryLevel.HEALTHY:
            _log.info(report.line)
            return report.level
        _log.warning(report.line)
        if report.level is MemoryLevel.HIGH:
            await self._relieve(memory_bytes)
        return report.level

    async def _relieve(self, before_bytes: int) -> None:
        await asyncio.to_thread(self._release)
        await self._sleep(_SETTLE_S)
        after_bytes = await asyncio.to_thread(self._read_bytes)
        freed_mb = (before_bytes - after_bytes) / 1e6
        _log.warning("Garbage collection freed %.1fMB, %.1fMB in use", freed_mb, after_bytes / 1e6)
