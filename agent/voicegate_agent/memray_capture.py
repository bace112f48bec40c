"""Recording the memory allocations of this process with memray, where the settings ask for it.

memray follows one process and nothing that this starts by `exec`, so each process of the agent records itself, into
`ROLE-PID.bin` in a folder that all of them know. memray is not among the agent's dependencies: it is imported when
it is asked for.
"""

import importlib
import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from multiprocessing import util
from pathlib import Path
from typing import Any, Protocol

from voicegate_agent.settings import SettingsError, variable

SNAPSHOT_INTERVAL_MS = 100
"""How often the size of the heap is noted; memray's own 10 ms are more than a call of seconds needs."""

_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a process is for: the first half of its capture's name."""

    MAIN = "main"
    MODEL_HOST = "model-host"
    JOB = "job"


class CaptureWish(Protocol):
    """The settings that say whether allocations are recorded: a folder, or None, and whether with native stacks."""

    @property
    def memray_dir(self) -> Path | None:
        """Where captures go."""
        ...

    @property
    def memray_native(self) -> bool:
        """Whether each allocation comes with its native stack."""
        ...


@contextmanager
def recorded(wish: CaptureWish, role: Role) -> Iterator[None]:
    """Record this process until the block is left, if that is wished for.

    Raises SettingsError when memray is not installed, or the capture cannot be begun.
    """
    if wish.memray_dir is None:
        yield
        return
    with _tracker(wish.memray_dir, wish.memray_native, role):
        yield


def record_until_exit(wish: CaptureWish, role: Role) -> None:
    """Record this process to its end, if that is wished for; what cannot be recorded is logged, and costs no call.

    A process of multiprocessing ends without Python's exit handlers, but runs multiprocessing's own.
    """
    if wish.memray_dir is None:
        return
    try:
        tracker = _tracker(wish.memray_dir, wish.memray_native, role)
    except SettingsError as error:
        _log.error("Allocations are not recorded: %s", error)
        return
    tracker.__enter__()
    util.Finalize(None, tracker.__exit__, args=(None, None, None), exitpriority=0)


def _tracker(folder: Path, native: bool, role: Role) -> AbstractContextManager[Any]:
    try:
        memray = importlib.import_module("memray")
    except ImportError as error:
        message = (
            f"{variable('memray_dir')} is {str(folder)!r}, and memray is not installed in the agent's environment "
            f"({error}): install it (`pip install memray`), or unset the variable"
        )
        raise SettingsError(message) from error
    path = folder / f"{role}-{os.getpid()}.bin"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Compressing would come when the process ends, and LiveKit kills a job process that takes long to.
        destination = memray.FileDestination(path, overwrite=True, compress_on_exit=False)
        tracker: AbstractContextManager[Any] = memray.Tracker(
            destination=destination, native_traces=native, memory_interval_ms=SNAPSHOT_INTERVAL_MS
        )
    except OSError as error:
        raise SettingsError(f"{variable('memray_dir')}: cannot record into {path}: {error}") from error
    return tracker
