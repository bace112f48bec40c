"""Works around a race in multiprocessing: Python's fork server tells once how a process ended, and of two threads that ask at the same moment one loses its exit code.

LiveKit waits for each job in a thread of its own, and starting the next one asks after all others too (`Process.start`
does). Whoever of the two reads second finds nothing and takes it for exit code 255: a call that ended well is then
logged as an error and reported as failed.
"""

import os
import threading
from multiprocessing import popen_forkserver
from multiprocessing.connection import wait

_asking = threading.Lock()
_poll = popen_forkserver.Popen.poll


def read_exit_codes_once() -> None:
    """Let only one thread at a time read how a process of the fork server ended; for the whole program, any number of times."""
    popen_forkserver.Popen.poll = _poll_alone  # type: ignore[method-assign, assignment]


def _poll_alone(process: popen_forkserver.Popen, flag: int = os.WNOHANG) -> int | None:
    """Wait as the original does, without the lock; then read, or take what another thread has read."""
    if process.returncode is None and not wait([process.sentinel], 0 if flag == os.WNOHANG else None):
        return None
    with _asking:
        return _poll(process, flag)
