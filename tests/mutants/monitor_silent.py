"""The memory monitor never says a word."""

from mutants.broken_agent import start
from voicegate_agent.memory_monitor import MemoryMonitor


async def stay_silent(_: MemoryMonitor) -> None:
    """Report nothing."""


def break_it() -> None:
    """Be silent."""
    MemoryMonitor.run = stay_silent


if __name__ == "__main__":
    break_it()
    start()
