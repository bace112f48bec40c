"""The memory monitor never says a word."""

from mutants.broken_agent import start
from voicegate_agent.memory_monitor import MemoryMonitor


async def stay_silent(_: MemoryMonitor) -> None:
    """Report nothing."""


if __name__ == "__main__":
    MemoryMonitor.run = stay_silent
    start()
