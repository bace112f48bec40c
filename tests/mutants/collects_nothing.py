"""Above its threshold the monitor says that it forces a garbage collection, and collects nothing."""

from mutants.broken_agent import start
from voicegate_agent.memory_monitor import MemoryMonitor


async def do_nothing(_monitor: MemoryMonitor, _before_bytes: int) -> None:
    """Leave memory as it is."""


def break_it() -> None:
    """Be idle."""
    MemoryMonitor._relieve = do_nothing


if __name__ == "__main__":
    break_it()
    start()
