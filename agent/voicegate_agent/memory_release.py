"""Giving memory back: collect garbage and return the freed heap, here or in every process of the agent.

The processes are told by a signal. Each process that can be told installs a handler for it; only those whose
handler is in place (Linux shows that in ``/proc/PID/status``) are signaled, because the signal would end any other.
"""

import ctypes
import gc
import logging
import signal
from pathlib import Path
from types import FrameType

import psutil

from voicegate_agent.process_tree import descendants

RELEASE_SIGNAL = signal.SIGUSR2

_log = logging.getLogger(__name__)


def release_memory() -> None:
    """Collect all garbage of this process and return free heap pages to the system."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        _log.debug("this C library keeps its free heap pages")


def release_on_signal() -> None:
    """Make this process release memory when it is told to; call it in the main thread."""
    signal.signal(RELEASE_SIGNAL, _on_signal)


def release_everywhere(pid: int) -> int:
    """Tell every descendant that listens to release memory; return how many were told."""
    told = 0
    for process in descendants(pid):
        if _listens(process.pid):
            try:
                process.send_signal(RELEASE_SIGNAL)
            except psutil.NoSuchProcess:
                continue
            told += 1
    return told


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    release_memory()


def _listens(pid: int) -> bool:
    """Whether a process catches the signal: its bit in the mask of caught signals is set."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (RELEASE_SIGNAL - 1) & 1)
