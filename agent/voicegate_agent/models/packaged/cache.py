"""Models that are made or fetched into the cache: whole or not at all, and by one process at a time."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .records import ModelFilesError

CACHE_VARIABLE = "VOICEGATE_CACHE_DIR"


def have_folder(
    folder: Path,
    make: Callable[[Path], None],
    *,
    variable: str = CACHE_VARIABLE,
    lock: Callable[[int, int], None] = fcntl.flock,
) -> None:
    """Have a folder made unless it is there; another process that wants it too waits, and finds it.

    `make` gets the path of a new folder beside the final one, which takes its place when it is whole: what was
    interrupted is begun anew. `variable` moves the cache. Raises ModelFilesError when the cache cannot be written or locked, and what `make` raises.
    """
    if folder.is_dir():
        return
    with _only_one(folder.with_name(f"{folder.name}.lock"), variable, lock):
        if folder.is_dir():
            return
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            make(unfinished)
            unfinished.rename(folder)
        except OSError as error:
            message = f"{folder} could not be written: {error}. See {variable}."
            raise ModelFilesError(message) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _only_one(path: Path, variable: str, lock: Callable[[int, int], None]) -> Iterator[None]:
    """Let one process at a time in; the lock goes with the process that holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        message = f"{path.parent} cannot be written: {error}. Set {variable} to a folder of yours."
        raise ModelFilesError(message) from None
    with file:
        try:
            lock(file.fileno(), fcntl.LOCK_EX)
        except OSError as error:
            message = (
                f"{path} cannot be locked: {error}. Set {variable} to a folder on a local disk, "
                "because some network file systems have no locks."
            )
            raise ModelFilesError(message) from None
        yield
