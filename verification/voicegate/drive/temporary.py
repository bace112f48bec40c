"""Where temporary folders are made, and the one that an agent gets for itself."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voicegate.settings import GateSettings

TMPDIR = "TMPDIR"
_LONGEST_FOLDER_BYTES = 60  # the path of a Unix socket has at most 107 bytes


def folder_for_sockets() -> str:
    """Say where folders for Unix sockets are made: for temporary files, or in /tmp where that path is so long that the system refuses it."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _LONGEST_FOLDER_BYTES else "/tmp"


@contextmanager
def temporary_folder(settings: GateSettings) -> Iterator[Path | None]:
    """Yield a folder for the temporary files of an agent alone, and remove it afterwards; None if its gate file names one itself."""
    if TMPDIR in settings.agent.env:
        yield None
        return
    with tempfile.TemporaryDirectory(
        prefix="vg-", dir=folder_for_sockets(), ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)
