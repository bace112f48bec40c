"""An agent whose memory monitor never says a word."""

import sys

from agent import __main__ as command_line
from agent.memory_monitor import MemoryMonitor


async def stay_silent(_: MemoryMonitor) -> None:
    """Report nothing."""


if __name__ == "__main__":
    MemoryMonitor.run = stay_silent
    sys.exit(command_line.main())
