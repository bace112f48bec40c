"""The memory monitor reports the RSS of the agent's first process, as people do who forget the others."""

import psutil
from mutants.broken_agent import start
from voicegate_agent import voice_server


def rss_bytes(pid: int) -> int:
    """Weigh one process."""
    return int(psutil.Process(pid).memory_info().rss)


def break_it() -> None:
    """Forget the others."""
    voice_server.tree_memory_bytes = rss_bytes


if __name__ == "__main__":
    break_it()
    start()
